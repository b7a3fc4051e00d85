// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
// What the page knows, kept up to date by the emulator's live connection.

import { call } from "./dom.js";

const KEPT = 300;
const RETRY = [300, 1000, 2000, 5000];

export const chatKey = (app, phone) => `${app} ${phone}`;

/** State of the page; parts listen for the names of what changed. */
class Store extends EventTarget {
    constructor() {
        super();
        this.live = false;
        this.phone = null;
        this.app = null;
        this.tries = 0;
        this.backlog = null;
        this.empty();
        document.addEventListener("visibilitychange", () => this.tellOpenChat());
        matchMedia("(max-width: 819px)").addEventListener("change", () => this.tellOpenChat());
    }

    empty() {
        this.apps = new Map();
        this.phones = new Map();
        this.subscriptions = [];
        this.switches = [];
        this.windows = new Map();
        this.offset = 0;
        this.last = new Map();
        this.unseen = new Map();
        this.messages = new Map();
        this.requests = new Map();
        this.callbacks = new Map();
    }

    get now() {
        return Date.now() / 1000 + this.offset;
    }

    get currentPhone() {
        return this.phones.get(this.phone) || null;
    }

    get currentApp() {
        return this.apps.get(this.app) || null;
    }

    get chatShown() {
        const small = matchMedia("(max-width: 819px)").matches;
        return !document.hidden && (!small || document.body.dataset.view === "chat");
    }

    emit(name, detail = null) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }

    // The live connection

    connect() {
        const socket = new WebSocket(
            `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/phone/events`
        );
        this.socket = socket;
        socket.onopen = async () => {
            if (await this.load()) {
                this.tries = 0;
                this.setLive(true);
                this.tellOpenChat();
            } else {
                socket.close();
            }
        };
        socket.onmessage = (event) => this.receive(JSON.parse(event.data));
        socket.onclose = () => {
            this.setLive(false);
            setTimeout(() => this.connect(), RETRY[Math.min(this.tries++, RETRY.length - 1)]);
        };
    }

    setLive(live) {
        if (this.live === live) {
            return;
        }
        this.live = live;
        this.emit("live");
    }

    tellOpenChat() {
        if (this.socket?.readyState !== WebSocket.OPEN) {
            return;
        }
        const open = this.chatShown && this.phone && this.app;
        this.socket.send(JSON.stringify(open ? { app_id: this.app, phone: this.phone } : {}));
        if (open && this.unseen.delete(chatKey(this.app, this.phone))) {
            this.emit("phones");
        }
    }

    async load() {
        // What arrives meanwhile may be newer than the answer: it is applied afterwards.
        this.backlog = [];
        const state = await fetchState();
        if (state) {
            this.fill(state);
            await this.loadChat();
            this.emit("all");
        }
        const missed = this.backlog;
        this.backlog = null;
        missed.forEach((data) => this.receive(data));
        return Boolean(state);
    }

    fill(state) {
        this.empty();
        this.apps = keyed(state.apps, "app_id");
        this.phones = keyed(state.phones, "key");
        this.requests = keyed(state.requests, "id");
        this.callbacks = keyed(state.callbacks, "id");
        for (const row of state.windows) {
            this.windows.set(chatKey(row.app_id, row.phone), row.ends);
        }
        for (const row of state.previews) {
            this.preview(row.message, row.unseen);
        }
        this.subscriptions = state.subscriptions;
        this.switches = state.switches;
        this.offset = state.clock.offset;
        if (!this.apps.has(this.app)) {
            this.app = state.apps[0]?.app_id ?? null;
        }
        if (!this.phones.has(this.phone)) {
            this.phone = state.phones[0]?.key ?? null;
        }
    }

    preview(message, unseen) {
        const key = chatKey(message.app_id, message.phone);
        this.last.set(key, message);
        if (unseen.length) {
            this.unseen.set(key, new Set(unseen));
        }
    }

    async loadChat() {
        this.messages = new Map();
        if (!this.app || !this.phone) {
            return;
        }
        const wanted = chatKey(this.app, this.phone);
        const query = new URLSearchParams({ app: this.app, phone: this.phone });
        const answer = await call("GET", `/phone/chat?${query}`);
        if (!answer || wanted !== chatKey(this.app, this.phone)) {
            return;
        }
        // Messages that came by the live connection meanwhile are newer than the answer.
        this.messages = new Map([...keyed(answer.messages, "key"), ...this.messages]);
    }

    async openChat(phone, app = this.app) {
        this.phone = phone;
        this.app = app;
        this.tellOpenChat();
        await this.loadChat();
        this.emit("chat");
        this.emit("phones");
        this.emit("traffic");
        this.emit("clock");
    }

    // Changes

    receive(data) {
        if (data.reload) {
            this.load();
            return;
        }
        if (this.backlog) {
            this.backlog.push(data);
            return;
        }
        const changed = new Set();
        for (const { kind, data: item } of data.changes) {
            changed.add(APPLY[kind](this, item));
        }
        for (const name of changed) {
            if (name) {
                this.emit(name);
            }
        }
    }

    applyMessage(message) {
        const key = chatKey(message.app_id, message.phone);
        const last = this.last.get(key);
        if (!last || message.time >= last.time || message.key === last.key) {
            this.last.set(key, message);
        }
        const open = key === chatKey(this.app, this.phone);
        if (message.direction === "out") {
            this.countUnseen(key, message, open);
        }
        if (open) {
            this.messages.set(message.key, message);
            this.emit("message", message);
        }
        return "phones";
    }

    countUnseen(key, message, open) {
        const unseen = this.unseen.get(key) ?? new Set();
        if (message.state === "delivered" && !(open && this.chatShown)) {
            unseen.add(message.key);
        } else {
            unseen.delete(message.key);
        }
        if (unseen.size) {
            this.unseen.set(key, unseen);
        } else {
            this.unseen.delete(key);
        }
    }
}

// What each kind of change does, and which parts of the page it concerns.
const APPLY = {
    message: (page, item) => page.applyMessage(item),
    phone: (page, item) => {
        page.phones.set(item.key, item);
        page.phone ??= item.key;
        return "phones";
    },
    phone_gone: (page, item) => {
        page.phones.delete(item.key);
        if (page.phone === item.key) {
            page.openChat(page.phones.keys().next().value ?? null);
        }
        return "phones";
    },
    app: (page, item) => {
        page.apps.set(item.app_id, item);
        return "all";
    },
    window: (page, item) => {
        page.windows.set(chatKey(item.app_id, item.phone), item.ends);
        return "clock";
    },
    clock: (page, item) => {
        page.offset = item.offset;
        return "clock";
    },
    faults: (page, item) => {
        for (const row of page.switches) {
            row.value = item[row.name];
        }
        return "faults";
    },
    subscriptions: (page, item) => {
        page.subscriptions = item;
        return "subscriptions";
    },
    request: (page, item) => bounded(page.requests, item),
    callback: (page, item) => bounded(page.callbacks, item),
    reset: (page) => {
        page.load();
        return null;
    },
};

async function fetchState() {
    try {
        const answer = await fetch("/phone/state");
        return answer.ok ? await answer.json() : null;
    } catch {
        return null;
    }
}

function keyed(rows, name) {
    return new Map(rows.map((row) => [row[name], row]));
}

function bounded(map, item) {
    map.set(item.id, item);
    if (map.size > KEPT) {
        map.delete(map.keys().next().value);
    }
    return "traffic";
}

export const store = new Store();
