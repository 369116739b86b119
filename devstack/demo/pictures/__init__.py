"""Product pictures, drawn by the project itself.

Vector shapes with gradients are laid over one another on a canvas (`canvas`, `paint`, `paths`),
built up to objects (`parts`, `textures`, `drawings`), and photographed in a studio with light and
shadow (`studio`). `shelf` says which drawing, in which colours, shows which product.
"""

from devstack.demo.catalogue import DemoProduct
from devstack.demo.pictures.shelf import SHELF
from devstack.demo.pictures.studio import photograph


def draw(product: DemoProduct) -> bytes:
    """The product's picture: a JPEG of 1280 by 1280 pixels, the same bytes each time.

    Takes about a tenth of a second of processor time and touches no state outside, so calls may
    run in several threads or processes.

    Raises:
        KeyError: Nobody has drawn this product.
    """
    return photograph(SHELF[product.slug])
