import { getWebSocketWorker } from "@bus/../tests/mock_websocket";
import { mailModels, start, startServer } from "@mail/../tests/mail_test_helpers";
import { mailDataHelpers } from "@mail/../tests/mock_server/mail_mock_server";
import { beforeEach, waitUntil } from "@odoo/hoot";
import { runAllTimers } from "@odoo/hoot-mock";
import {
    Command,
    defineModels,
    fields,
    getKwArgs,
    getService,
    makeServerError,
    MockServer,
    models,
    patchWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";
import { debounce } from "@bus/workers/bus_worker_utils";
import { browser } from "@web/core/browser/browser";
import { serializeDateTime } from "@web/core/l10n/dates";
import { session } from "@web/session";

import { RING_MUTED_LS } from "@whatsapp_omni/agent/agent_model";

const CONVERSATION = "whatsapp_omni.conversation";
/**
 * For HOOT's waitUntil, which counts frames and by itself gives up after twelve: a busy
 * machine takes longer, and only what never comes takes that long.
 */
export const PATIENCE = { timeout: 10_000 };
/** Beyond the ids of partners: the mock bus compares nothing but numbers. */
const QUEUE_ID = 4001;

class WhatsappQueue extends models.Model {
    _name = "whatsapp_omni.queue";

    name = fields.Char();
    allow_peek = fields.Boolean({ default: true });
    answer_minutes = fields.Integer({ default: 5 });
    priority = fields.Char({ default: "0" });

    _records = [{ id: QUEUE_ID, name: "Support" }];
}

/** Imitates what the server's model does for the desk. */
class WhatsappConversation extends models.Model {
    _name = CONVERSATION;

    name = fields.Char();
    number = fields.Char({ default: "" });
    state = fields.Char({ default: "new" });
    queue_id = fields.Many2one({ relation: "whatsapp_omni.queue", default: QUEUE_ID });
    line_name = fields.Char({ default: "Support line" });
    owner_user_id = fields.Integer();
    owner_partner_id = fields.Many2one({ relation: "res.partner" });
    is_reachable = fields.Boolean({ default: true });
    last_text = fields.Char();
    last_kind = fields.Char({ default: "text" });
    last_direction = fields.Char({ default: "inbound" });
    last_message_at = fields.Datetime({ default: () => minutesAgo(5) });
    waiting_count = fields.Integer();
    waiting_since = fields.Datetime();
    starred = fields.Boolean();
    tags = fields.Json();
    parked_at = fields.Datetime();
    parked_until = fields.Datetime();
    failed_count = fields.Integer();
    window_end = fields.Datetime({ default: () => minutesAgo(-20 * 60) });
    opens_at = fields.Datetime();
    window_expired = fields.Boolean();
    opted_out = fields.Boolean();
    is_blocked = fields.Boolean();
    customer_priority = fields.Char({ default: "0" });
    opened_at = fields.Datetime({ default: () => minutesAgo(30) });
    channel_id = fields.Many2one({ relation: "discuss.channel" });
    customer_id = fields.Integer({ default: 71 });
    partner_id = fields.Many2one({ relation: "res.partner" });
    awaits_answer = fields.Boolean();
    is_identified = fields.Boolean();
    parked_replies = fields.Json();
    out_of_service = fields.Char();
    guests = fields.Json();
    invitations = fields.Json();
    transfer = fields.Json();
    reserved_for_user_id = fields.Integer();
    offered_to_user_id = fields.Integer();

    action_capture(ids) {
        const [conversation] = this.browse(ids);
        if (!["new", "waiting", "offered"].includes(conversation.state)) {
            throw makeServerError({ message: "Ana took this conversation first." });
        }
        this.env["discuss.channel"].write([conversation.channel_id], {
            channel_member_ids: [Command.create({ partner_id: serverState.partnerId })],
        });
        this.write(ids, {
            state: "attended",
            owner_user_id: serverState.userId,
            owner_partner_id: serverState.partnerId,
            waiting_count: 0,
        });
        pushConversation(conversation.id);
        const [channel] = this.env["discuss.channel"].browse(conversation.channel_id);
        const [partner] = this.env["res.partner"].browse(serverState.partnerId);
        this.env["bus.bus"]._sendone(
            partner,
            "mail.record/insert",
            new mailDataHelpers.Store(this.env["discuss.channel"].browse(channel.id)).get_result()
        );
    }

    action_accept(ids) {
        endOffer(ids[0]);
        return this.action_capture(ids);
    }

    action_decline(ids) {
        endOffer(ids[0]);
        this.write(ids, { state: "new" });
    }

    action_offer_ended() {
        return 0;
    }

    action_close(ids) {
        this.write(ids, { state: "closed" });
        pushRemoval(ids[0]);
    }

    action_put_aside(ids, until) {
        this.write(ids, { parked_at: minutesAgo(0), parked_until: until });
        pushConversation(ids[0]);
    }

    action_resume(ids) {
        this.write(ids, { parked_at: false, parked_until: false });
        pushConversation(ids[0]);
    }

    action_star(ids, starred) {
        this.write(ids, { starred });
        pushConversation(ids[0]);
    }

    action_set_tags(ids, tagIds) {
        const tags = this.env["whatsapp_omni.tag"].browse(tagIds);
        this.write(ids, { tags: tags.map(({ id, name }) => ({ id, name, color: 1 })) });
        pushConversation(ids[0]);
    }

    search_own_messages() {
        return [];
    }

    get_templates() {
        return [];
    }

    get_send_later() {
        return { timezone: false };
    }

    get_panel(id) {
        const [conversation] = this.browse(id);
        return {
            customer: {
                id: conversation.customer_id,
                name: conversation.name,
                profile_name: conversation.name,
                number: conversation.number,
                opted_out: conversation.opted_out,
                opt_out_at: conversation.opted_out && minutesAgo(60),
                local_time: { zones: [], is_sure: false },
                is_identified: conversation.is_identified,
                partner: conversation.is_identified && this._panelPartner(conversation),
            },
            conversation: {
                opened_at: conversation.opened_at,
                attended_at: false,
                window_end: conversation.window_end,
                number_of_messages: 3,
            },
            changes: [{ id: 1, date: minutesAgo(30), who: "Ana", what: "Opened", reason: false }],
            has_more_previous: false,
            previous: [
                {
                    id: 900,
                    channel_id: conversation.channel_id,
                    opened_at: minutesAgo(9000),
                    closed_at: minutesAgo(8000),
                    disposition: "Solved",
                    note: "All good",
                    agent: "Luis",
                },
            ],
        };
    }

    _panelPartner({ partner_id }) {
        return { id: partner_id, numbers: [], view_id: false };
    }

    get_panel_records() {
        return { kinds: [] };
    }

    get_files() {
        return { ids: [], note_ids: [], has_more: false, store_data: {} };
    }
    get_closing(ids) {
        const [conversation] = this.browse(ids);
        return {
            dispositions: [
                makeDisposition(1, "Solved"),
                makeDisposition(2, "Sale"),
                makeDisposition(3, "Spam", { kind: "spam" }),
            ],
            must_identify: false,
            may_correct: conversation.state === "closed",
            result: false,
            farewell: false,
            wrap_up_seconds: 0,
        };
    }

    get_records() {
        return { total: 0, records: [] };
    }

    action_correct() {}

    _data(ids) {
        return this.browse(ids).map((conversation) => ({
            ...Object.fromEntries(
                DATA_FIELDS.map((fieldName) => [fieldName, conversation[fieldName]])
            ),
            parked_replies: conversation.parked_replies || [],
            tags: conversation.tags || [],
            guests: conversation.guests || [],
            invitations: conversation.invitations || [],
            transfer: conversation.transfer || false,
            avatar_url: "/web/static/img/user_menu_avatar.png",
            channel_id: { id: conversation.channel_id, model: "discuss.channel" },
        }));
    }
}

/** How the agent stands, and what a test wants of the server. */
export const agentServer = {};

function endOffer(conversationId) {
    agentServer.offers = agentServer.offers.filter((o) => o.conversation_id !== conversationId);
}

/** Imitates what the server's model does for the agent's own state. */
class WhatsappAgent extends models.Model {
    _name = "whatsapp_omni.agent";

    get_mine() {
        return agentServer.mine;
    }

    heartbeat() {
        return this.get_mine();
    }

    set_state(state, reason_id) {
        Object.assign(agentServer.mine, { state, reason_id, since: minutesAgo(0) });
        return this.get_mine();
    }

    look_again() {}

    end_wrap_up() {
        Object.assign(agentServer.mine, { wrap_up_until: false, wrap_up_seconds: 0 });
        return this.get_mine();
    }

    get_open_work() {
        return agentServer.work;
    }

    hand_over() {
        return agentServer.failed;
    }
}

class WhatsappMessageTemplate extends models.Model {
    _name = "whatsapp_omni.message.template";

    name = fields.Char();

    get_quick_replies() {
        return [];
    }
}

const DATA_FIELDS = [
    "id",
    "name",
    "number",
    "state",
    "queue_id",
    "line_name",
    "owner_user_id",
    "owner_partner_id",
    "is_reachable",
    "last_text",
    "last_kind",
    "last_direction",
    "last_message_at",
    "waiting_count",
    "waiting_since",
    "starred",
    "parked_at",
    "parked_until",
    "failed_count",
    "window_end",
    "opens_at",
    "window_expired",
    "opted_out",
    "is_blocked",
    "customer_priority",
    "opened_at",
    "customer_id",
    "awaits_answer",
    "is_identified",
    "out_of_service",
    "reserved_for_user_id",
    "offered_to_user_id",
];

class WhatsappCustomer extends models.Model {
    _name = "whatsapp_omni.customer";

    get_candidates() {
        return [];
    }

    get_contact_options([customerId]) {
        return {
            can_create: true,
            view_id: false,
            defaults: { default_name: "Lucía", default_whatsapp_omni_new_of_id: customerId },
            former: { id: false, name: "" },
        };
    }

    search_contacts(ids, term) {
        return this.env["res.partner"]
            .search_read([["name", "ilike", term]])
            .map(({ id, name }) => ({ id, name, number: "", detail: "" }));
    }

    action_identify(ids, partnerId) {
        const [conversationId] = this.env[CONVERSATION].search([["customer_id", "in", ids]]);
        const [conversation] = this.env[CONVERSATION].browse(conversationId);
        const former = conversation.partner_id || false;
        const [partner] = partnerId ? this.env["res.partner"].browse(partnerId) : [];
        pushConversation(conversationId, {
            partner_id: partnerId,
            is_identified: Boolean(partnerId),
            name: partner?.name ?? "Lucía Gómez",
        });
        return { id: former, name: "" };
    }

    action_opt_in(ids) {
        this._choose(ids, false);
    }

    action_opt_out(ids) {
        this._choose(ids, true);
    }

    _choose(ids, opted_out) {
        const conversations = this.env[CONVERSATION].search([["customer_id", "in", ids]]);
        for (const conversationId of conversations) {
            pushConversation(conversationId, { opted_out });
        }
    }
}

class WhatsappTag extends models.Model {
    _name = "whatsapp_omni.tag";

    name = fields.Char();

    _records = [
        { id: 1, name: "Refund" },
        { id: 2, name: "Urgent" },
    ];
}

class ResPartner extends mailModels.ResPartner {
    _views = {
        list: `<list><field name="display_name"/></list>`,
        search: `<search/>`,
        form: `
            <form js_class="whatsapp_omni_contact_form">
                <group><field name="name"/><field name="email"/></group>
            </form>`,
    };

    /** What is created for a customer is linked to them. */
    web_save() {
        const saved = super.web_save(...arguments);
        const { context } = getKwArgs(arguments, "ids", "vals", "specification", "next_id");
        if (context.default_whatsapp_omni_new_of_id) {
            const customerIds = [context.default_whatsapp_omni_new_of_id];
            this.env["whatsapp_omni.customer"].action_identify(customerIds, saved[0].id);
        }
        return saved;
    }
}

class IrWebSocket extends mailModels.IrWebSocket {
    _build_bus_channel_list(channels) {
        const asked = [...super._build_bus_channel_list(channels)];
        const threads = this.env["discuss.channel"].search_read([
            ["channel_type", "=", "whatsapp_omni"],
        ]);
        const queues = asked.includes("whatsapp_omni.inbox")
            ? this.env["whatsapp_omni.queue"].search_read([])
            : [];
        return asked.concat(threads, queues);
    }
}

/** What the server tells of something that a conversation can be closed with. */
export function makeDisposition(id, name, values = {}) {
    return {
        id,
        name,
        option: false,
        option_id: id,
        kind: "normal",
        note_required: false,
        fields: [],
        ...values,
    };
}

/**
 * Let mail's `contains` see at once that a text has changed. It watches elements only: for
 * a text it would wait three seconds, and look once more before it gives up.
 */
function watchTexts() {
    patchWithCleanup(MutationObserver.prototype, {
        observe(target, options) {
            const texts = target === document.body && { characterData: true };
            return super.observe(target, { ...texts, ...options });
        },
    });
}

export function defineWhatsappModels() {
    beforeEach(watchTexts);
    return defineModels({
        ...mailModels,
        IrWebSocket,
        ResPartner,
        WhatsappAgent,
        WhatsappConversation,
        WhatsappMessageTemplate,
        WhatsappCustomer,
        WhatsappQueue,
        WhatsappTag,
    });
}

/** @param {number} minutes negative for a time to come */
export function minutesAgo(minutes) {
    return serializeDateTime(luxon.DateTime.now().minus({ minutes }));
}

/**
 * Start a server that has one queue and answers the first load of the desk.
 *
 * @param {Object} [param0]
 * @param {Object} [param0.inbox] what differs in the desk's own data
 * @param {boolean} [param0.allowPeek]
 * @param {Object} [param0.mine] how the user stands as an agent; without it they are none
 * @param {{conversation_id: number, seconds: number}[]} [param0.offers] what rings
 */
export async function startWhatsappServer({
    inbox = {},
    allowPeek = true,
    mine,
    offers = [],
} = {}) {
    browser.localStorage.removeItem(RING_MUTED_LS);
    patchWithCleanup(session, { is_whatsapp_omni_agent: Boolean(mine) });
    Object.assign(agentServer, {
        failed: [],
        isAgent: true,
        offers,
        work: { conversations: [], targets: [] },
        mine: {
            user_id: serverState.userId,
            state: "available",
            since: minutesAgo(12),
            reason_id: false,
            load: 3,
            capacity: 5,
            wrap_up_until: false,
            wrap_up_seconds: 0,
            takes_offers: true,
            reasons: [
                { id: 1, name: "Lunch" },
                { id: 2, name: "Training" },
            ],
            ...mine,
        },
    });
    const pyEnv = await startServer();
    subscribeAtOnce();
    pyEnv["whatsapp_omni.queue"].write([QUEUE_ID], { allow_peek: allowPeek });
    patchWithCleanup(mailDataHelpers, {
        _process_request_for_internal_user(store, name, params) {
            super._process_request_for_internal_user(...arguments);
            if (name === "whatsapp_omni.agent") {
                addConversations(
                    store,
                    agentServer.offers.map(({ conversation_id }) => conversation_id)
                );
                const { isAgent, mine: state, offers: ringing } = agentServer;
                store.add({
                    whatsapp_omni_agent: isAgent
                        ? { has_queue: true, mine: state, offers: ringing }
                        : { has_queue: false },
                });
            }
            if (name !== "whatsapp_omni.inbox") {
                return;
            }
            if (!agentServer.isAgent) {
                store.add({ whatsapp_omni_inbox: { is_agent: false } });
                return;
            }
            const ids = pyEnv[CONVERSATION].search([
                "|",
                ["state", "!=", "closed"],
                ["id", "=", params?.conversation_id ?? 0],
            ]);
            addConversations(store, ids);
            store.add({
                whatsapp_omni_inbox: {
                    is_agent: true,
                    has_queue: true,
                    is_supervisor: false,
                    is_administrator: false,
                    today: { opened: 12, closed: 9 },
                    setup: false,
                    ...inbox,
                },
            });
        },
    });
    return pyEnv;
}

function addConversations(store, ids) {
    const { env } = MockServer;
    for (const data of env[CONVERSATION]._data(ids)) {
        store.add(CONVERSATION, data);
    }
    for (const found of env["whatsapp_omni.queue"].search_read([])) {
        const { id, name, allow_peek, answer_minutes, priority } = found;
        store.add("whatsapp_omni.queue", { id, name, allow_peek, answer_minutes, priority });
    }
    for (const partner of env["res.partner"].search_read([])) {
        store.add("res.partner", { id: partner.id, name: partner.name });
    }
}

/**
 * Create a conversation with its channel.
 *
 * @param {Object} [values] of the conversation
 * @returns {number} its id
 */
export function createConversation({ isMine = false, ...values } = {}) {
    const { env } = MockServer;
    const owner = isMine
        ? {
              state: "attended",
              owner_user_id: serverState.userId,
              owner_partner_id: serverState.partnerId,
          }
        : {};
    const channel_id = env["discuss.channel"].create({
        name: values.name ?? "Lucía Gómez",
        channel_type: "whatsapp_omni",
        channel_member_ids: isMine ? [Command.create({ partner_id: serverState.partnerId })] : [],
    });
    return env[CONVERSATION].create({
        name: "Lucía Gómez",
        number: "+34 600 11 12 22",
        last_text: "Hola, ¿abrís hoy?",
        channel_id,
        ...owner,
        ...values,
    });
}

/** @returns {number} the id of the conversation's channel */
export function channelOf(conversationId) {
    const [conversation] = MockServer.env[CONVERSATION].browse(conversationId);
    return conversation.channel_id;
}

/**
 * Write a message into the channel of a conversation.
 *
 * @param {number} conversationId
 * @param {Object} [values]
 */
export function createMessage(conversationId, values = {}) {
    const { env } = MockServer;
    return env["mail.message"].create({
        author_id: serverState.partnerId,
        body: "<p>Sí, hasta las 20</p>",
        message_type: "comment",
        model: "discuss.channel",
        res_id: channelOf(conversationId),
        subtype_id: env["mail.message.subtype"].search([
            ["subtype_xmlid", "=", "mail.mt_comment"],
        ])[0],
        ...values,
    });
}

/** The customer, who is no contact yet. */
export function createGuest(name = "Lucía Gómez") {
    return MockServer.env["mail.guest"].create({ name });
}

function queue() {
    return MockServer.env["whatsapp_omni.queue"].search_read([["id", "=", QUEUE_ID]])[0];
}

/**
 * Send to the queue what the server would push after a change.
 *
 * @param {number} conversationId
 * @param {Object} [values] to change first
 */
export function pushConversation(conversationId, values) {
    const { env } = MockServer;
    if (values) {
        env[CONVERSATION].write([conversationId], values);
    }
    const store = new mailDataHelpers.Store();
    addConversations(store, [conversationId]);
    env["bus.bus"]._sendone(queue(), "mail.record/insert", store.get_result());
}

/**
 * Tell what one more message changes and nothing else, as the server does.
 *
 * @param {number} conversationId
 * @param {Object} values
 */
export function pushNews(conversationId, values) {
    const { env } = MockServer;
    env[CONVERSATION].write([conversationId], values);
    env["bus.bus"]._sendone(queue(), "mail.record/insert", {
        [CONVERSATION]: [{ id: conversationId, ...values }],
    });
}

export function pushRemoval(conversationId) {
    MockServer.env["bus.bus"]._sendone(queue(), "mail.record/insert", {
        [CONVERSATION]: [{ id: conversationId, _DELETE: true }],
    });
}

/** Have a conversation ring at the agent. */
export function pushOffer(conversationId, seconds = 30) {
    const { env } = MockServer;
    env[CONVERSATION].write([conversationId], { state: "offered" });
    agentServer.offers.push({ conversation_id: conversationId, seconds });
    pushToAgent("whatsapp_omni.offered", { conversation_id: conversationId, seconds });
}

/** Have it ring no more. */
export function pushOfferEnded(conversationId, why) {
    endOffer(conversationId);
    pushToAgent("whatsapp_omni.offer_ended", { conversation_id: conversationId, why });
}

/** Send an event to the pages of the agent, whatever they show. */
export function pushToAgent(type, payload) {
    const { env } = MockServer;
    const [partner] = env["res.partner"].browse(serverState.partnerId);
    env["bus.bus"]._sendone(partner, type, payload);
}

/** Send an event to the agents of the queue. */
export function pushEvent(type, payload) {
    MockServer.env["bus.bus"]._sendone(queue(), type, payload);
}

/**
 * Send what the server pushes to those who see the thread.
 *
 * @param {number} conversationId
 * @param {Object} values of the message, with its id
 */
export function pushMessage(conversationId, values) {
    const { env } = MockServer;
    const [channel] = env["discuss.channel"].browse(channelOf(conversationId));
    env["bus.bus"]._sendone(channel, "mail.record/insert", { "mail.message": [values] });
}

/**
 * Have a message come, as those who see the thread hear of it.
 *
 * @param {number} conversationId
 * @param {Object} [values] of the message
 */
export function pushNewMessage(conversationId, values) {
    const { env } = MockServer;
    const channelId = channelOf(conversationId);
    const [channel] = env["discuss.channel"].browse(channelId);
    const messageId = createMessage(conversationId, values);
    env["bus.bus"]._sendone(channel, "discuss.channel/new_message", {
        data: new mailDataHelpers.Store(env["mail.message"].browse(messageId)).get_result(),
        id: channelId,
    });
}

/**
 * Have the page subscribe to a channel at once. Odoo waits 0.3 s for further ones, which
 * would be half the time that these tests take.
 */
function subscribeAtOnce() {
    const worker = getWebSocketWorker();
    const { _forceUpdateChannels, _updateChannels } = Object.getPrototypeOf(worker);
    worker._debouncedUpdateChannels = debounce(_updateChannels, 0);
    worker._forceUpdateChannels = debounce(_forceUpdateChannels, 0);
}

/**
 * Wait until the page hears of a channel, however busy the machine is. Odoo's own helper
 * gives a page two seconds for that.
 *
 * @param {string} [channel] without one, what every page hears of
 */
export async function untilSubscribed(channel) {
    const bus = MockServer.env["bus.bus"];
    await runAllTimers();
    await waitUntil(
        () => {
            const channels = bus.channelsByUser[MockServer.env.uid];
            return channels && (!channel || channels.includes(channel));
        },
        { ...PATIENCE, message: `The page has not subscribed to ${channel ?? "anything"}` }
    );
}

/**
 * Open the desk and wait until it hears of its queues.
 *
 * @param {number} [conversationId] which the address names
 */
export async function openDesk(conversationId) {
    const env = await start();
    await getService("action").doAction(
        { type: "ir.actions.client", tag: "whatsapp_omni.inbox" },
        { props: conversationId ? { resId: conversationId } : {} }
    );
    await untilSubscribed("whatsapp_omni.inbox");
    return env;
}

export function card(conversationId) {
    return `.o-whatsapp_omni-ConversationCard[data-id='${conversationId}']`;
}

export const TAB_NEW = ".o-whatsapp_omni-ConversationList-tab[data-tab='new']";
export const TAB_ATTENDED = ".o-whatsapp_omni-ConversationList-tab[data-tab='attended']";
export const OFFER = ".o-whatsapp_omni-OfferCard";
export const CARD = ".o-whatsapp_omni-ConversationCard";
export const CAPTURE = ".o-whatsapp_omni-ConversationCard-capture";
export const BAR = ".o-whatsapp_omni-ComposerBar";
export const COMPOSER = ".o-mail-Composer-input";
