"""What consultation writes into the trail, in words."""

from jingkai.core.audit.public import register_actions

register_actions({})
