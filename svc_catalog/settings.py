"""The catalog's settings."""

from dataclasses import dataclass

from chassis.setting_types import WebUrl
from chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What the catalog needs besides what every service does."""

    # The S3 server of the pictures, such as http://minio:9000.
    s3_url: WebUrl
    # Its account, which may make the bucket and write to it.
    s3_access_key: str
    # The account's secret.
    s3_secret_key: str
    # The bucket of the pictures; made when the first one comes.
    s3_bucket: str = "shop"
    # The currency that everything is sold in, ISO 4217.
    currency: str = "USD"
