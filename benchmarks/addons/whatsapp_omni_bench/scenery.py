# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the benchmark needs in a database before it measures anything."""

import json
from uuid import uuid4

from odoo import Command, http
from odoo.http import Response, request

from .floors import LIKE_A_CALLBACK, as_superuser

GROUPS = ("base.group_user", "whatsapp_omni.group_agent")


def answer(data):
    return Response(json.dumps(data), status=200, content_type="application/json")


class SceneryController(http.Controller):
    @http.route("/whatsapp_omni_bench/centre", **LIKE_A_CALLBACK)
    def centre(self):
        """Create a contact centre: provider, line, queue and agents.

        Takes ``{"provider", "line", "agents"}``: values of the two records, and the
        logins of the agents, whose passwords equal them.
        """
        wanted = request.get_json_data()
        env = as_superuser()
        group_ids = [env.ref(name).id for name in GROUPS]
        agents = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                [
                    {
                        "name": login,
                        "login": login,
                        "password": login,
                        "group_ids": [Command.set(group_ids)],
                    }
                    for login in wanted["agents"]
                ]
            )
        )
        provider = env["whatsapp_omni.provider"].create(wanted["provider"])
        queue = env["whatsapp_omni.queue"].create(
            {"name": "Benchmark", "agent_ids": [Command.set(agents.ids)]}
        )
        env["whatsapp_omni.line"].create(
            {**wanted["line"], "provider_id": provider.id, "queue_id": queue.id}
        )
        return answer({"agents": agents.ids})

    @http.route("/whatsapp_omni_bench/customers", **LIKE_A_CALLBACK)
    def customers(self):
        """Receive first messages, and have agents take the conversations in turns.

        Takes ``{"token", "bodies", "agents"}``; returns for each body the ids of what
        came of it, with those of a plain group chat of the same members.
        """
        wanted = request.get_json_data()
        env = as_superuser()
        Event = env["whatsapp_omni.event"]
        for body in wanted["bodies"]:
            Event._receive(wanted["token"], json.dumps(body).encode())
        while Event._apply_batch(25):
            continue
        agents = env["res.users"].browse(wanted["agents"])
        wa_ids = [body["payload"]["id"] for body in wanted["bodies"]]
        messages = env["whatsapp_omni.message"].search(
            [("wa_id", "in", wa_ids), ("direction", "=", "inbound")], order="id"
        )
        return answer(
            [
                self._attend(message, agents[index % len(agents)])
                for index, message in enumerate(messages)
            ]
        )

    def _attend(self, message, agent):
        conversation = message.conversation_id
        conversation.with_user(agent).action_capture()
        twin = (
            agent.env["discuss.channel"]
            .with_user(agent.env.ref("base.public_user"))
            .sudo()
            .create({"name": message.customer_id.name, "channel_type": "group"})
        )
        twin._add_members(users=agent, post_joined_message=False)
        return {
            "phone": message.customer_id.wa_id,
            "channel": message.channel_id.id,
            "conversation": conversation.id,
            "guest": message.customer_id.guest_id.id,
            "twin": twin.id,
        }

    @http.route("/whatsapp_omni_bench/submitted", **LIKE_A_CALLBACK)
    def submitted(self):
        """Create messages of ours that were accepted, as if they had been sent.

        Takes ``{"conversations", "count"}``; returns the provider's ids.
        """
        wanted = request.get_json_data()
        env = as_superuser()
        Message = env["whatsapp_omni.message"]
        conversations = env["whatsapp_omni.conversation"].browse(
            wanted["conversations"]
        )
        of_each = [
            conversations[index % len(conversations)]
            for index in range(wanted["count"])
        ]
        mails = Message._create_mails(
            [
                {
                    "author_id": conversation.user_id.partner_id.id,
                    "body": "Answer",
                    "message_type": "comment",
                    "res_id": conversation.channel_id.id,
                }
                for conversation in of_each
            ]
        )
        messages = Message.create(
            [
                {
                    **Message._outbound_values(conversation),
                    "kind": "text",
                    "text": "Answer",
                    "mail_message_id": mail.id,
                    "gs_id": str(uuid4()),
                    "state": "submitted",
                }
                for conversation, mail in zip(of_each, mails, strict=True)
            ]
        )
        return answer(messages.mapped("gs_id"))

    @http.route("/whatsapp_omni_bench/answers", **LIKE_A_CALLBACK)
    def answers(self):
        """Have each conversation answered by its agent, all in one transaction.

        Takes ``{"conversations", "text"}``.
        """
        wanted = request.get_json_data()
        env = as_superuser()
        conversations = env["whatsapp_omni.conversation"].browse(
            wanted["conversations"]
        )
        for conversation in conversations:
            channel = conversation.channel_id.with_user(conversation.user_id).sudo()
            channel.message_post(
                body=wanted["text"],
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        return answer({"queued": len(conversations)})
