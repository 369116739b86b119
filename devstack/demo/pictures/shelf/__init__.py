"""Which picture shows which product: one table for each category, and the sum of them."""

from devstack.demo.pictures.shelf.audio import AUDIO
from devstack.demo.pictures.shelf.kitchen import KITCHEN
from devstack.demo.pictures.shelf.lighting import LIGHTING
from devstack.demo.pictures.shelf.office import OFFICE
from devstack.demo.pictures.shelf.outdoor import OUTDOOR
from devstack.demo.pictures.shelf.textiles import TEXTILES

SHELF = AUDIO | KITCHEN | LIGHTING | OFFICE | OUTDOOR | TEXTILES
"""Slug to picture, for everything the demo shop sells."""
