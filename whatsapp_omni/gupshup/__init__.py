# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""GupShup's WhatsApp protocol in plain Python: nothing here knows Odoo.

What the provider's bytes mean is decided in this package alone; the rest of the addon
sees typed values that a second provider could produce as well.

What is known of the protocol comes from GupShup's documents (docs.gupshup.io,
partner-docs.gupshup.io, support.gupshup.io) and Meta's
(developers.facebook.com/documentation/business-messaging/whatsapp), as they were in
October 2026, and from what integrators found where these are silent. Modules name their
pages.

In:

- :mod:`.callbacks`: bytes of a callback to values; one error, ``CallbackError``
- :mod:`.values`: these values, from ``Message`` and ``Receipt`` to ``Unknown``
- :mod:`.media`: fetching what customers send, from allowed servers only

Out:

- :mod:`.outgoing`: the JSON of messages and templates; :mod:`.limits` checks it
- :mod:`.client`: the requests, and :mod:`.exceptions` that say what may be repeated
- :mod:`.templates`: the list of approved templates; :mod:`.template_drafts`: new ones

Knowledge:

- :mod:`.errors`: what a failed message's code means and what the agent can do
- :mod:`.status`: how receipts merge; :mod:`.phones`: one key per number
- :mod:`.markup`: WhatsApp's marks to HTML and back

:mod:`.reading`, :mod:`.contents`, :mod:`.callbacks_v2`, :mod:`.callbacks_v3`,
:mod:`.wire` and :mod:`.http` are the package's own tools.
"""
