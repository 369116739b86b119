"""How far consumer groups are behind: the events that Kafka has, less those that they settled."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kafka import KafkaAdminClient, TopicPartition
from kafka.protocol.consumer import OffsetSpec


@dataclass(frozen=True)
class GroupLag:
    """How far one consumer group is behind, all its members together.

    Attributes:
        group: Such as `cart-product-created`.
        topic: What it reads.
        partitions: Number of a partition -> how many of its events the group has not committed;
            empty where the topic is not there yet.
    """

    group: str
    topic: str
    partitions: Mapping[int, int]

    @property
    def events(self) -> int:
        """How many events it is behind in all."""
        return sum(self.partitions.values())


def lag_of(admin: KafkaAdminClient, topics: Mapping[str, str]) -> list[GroupLag]:
    """How far groups are behind; blocks for a few round trips.

    Args:
        admin: A client.
        topics: Group -> the topic that it reads.

    Raises:
        KafkaError: Kafka did not say.
    """
    if not topics:
        return []
    committed = {
        group: {place: each.offset for place, each in offsets.items() if each.offset >= 0}
        for group, offsets in admin.list_group_offsets(list(topics)).items()
    }
    places = _partitions(admin, set(topics.values()))
    ends = _offsets(admin, [place for some in places.values() for place in some], OffsetSpec.LATEST)
    # Where a group has not committed yet, it begins with the oldest event.
    new = {p for group, topic in topics.items() for p in places[topic] if p not in committed[group]}
    oldest = _offsets(admin, new, OffsetSpec.EARLIEST)
    return [
        GroupLag(
            group,
            topic,
            {
                place.partition: ends[place] - {**oldest, **committed[group]}[place]
                for place in places[topic]
            },
        )
        for group, topic in topics.items()
    ]


def _partitions(
    admin: KafkaAdminClient, topics: Collection[str]
) -> Mapping[str, list[TopicPartition]]:
    return {
        topic["name"]: [
            TopicPartition(topic["name"], partition["partition_index"])
            for partition in topic["partitions"]
        ]
        for topic in admin.describe_topics(list(topics))
    }


def _offsets(
    admin: KafkaAdminClient, places: Collection[TopicPartition], which: OffsetSpec
) -> Mapping[TopicPartition, int]:
    if not places:
        return {}
    found = admin.list_partition_offsets(dict.fromkeys(places, which))
    return {place: each.offset for place, each in found.items()}
