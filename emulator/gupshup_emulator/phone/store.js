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
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/phone/events`);
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
    if (this.live === live) return;
    this.live = live;
    this.emit("live");
  }

  tellOpenChat() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const open = this.chatShown && this.phone && this.app;
    this.socket.send(JSON.stringify(open ? { app_id: this.app, phone: this.phone } : {}));
    if (open && this.unseen.delete(chatKey(this.app, this.phone))) this.emit("phones");
  }

  async load() {
    let state;
    try {
      const answer = await fetch("/phone/state");
      if (!answer.ok) return false;
      state = await answer.json();
    } catch {
      return false;
    }
    this.empty();
    for (const app of state.apps) this.apps.set(app.app_id, app);
    for (const phone of state.phones) this.phones.set(phone.key, phone);
    for (const row of state.windows) this.windows.set(chatKey(row.app_id, row.phone), row.ends);
    for (const row of state.previews) this.preview(row.message, row.unseen);
    for (const row of state.requests) this.requests.set(row.id, row);
    for (const row of state.callbacks) this.callbacks.set(row.id, row);
    this.subscriptions = state.subscriptions;
    this.switches = state.switches;
    this.offset = state.clock.offset;
    if (!this.apps.has(this.app)) this.app = state.apps[0]?.app_id ?? null;
    if (!this.phones.has(this.phone)) this.phone = state.phones[0]?.key ?? null;
    await this.loadChat();
    this.emit("all");
    return true;
  }

  preview(message, unseen) {
    const key = chatKey(message.app_id, message.phone);
    this.last.set(key, message);
    if (unseen.length) this.unseen.set(key, new Set(unseen));
  }

  async loadChat() {
    this.messages = new Map();
    if (!this.app || !this.phone) return;
    const wanted = chatKey(this.app, this.phone);
    const query = new URLSearchParams({ app: this.app, phone: this.phone });
    const answer = await call("GET", `/phone/chat?${query}`);
    if (!answer || wanted !== chatKey(this.app, this.phone)) return;
    this.messages = new Map(answer.messages.map((message) => [message.key, message]));
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
    const changed = new Set();
    for (const { kind, data: item } of data.changes) changed.add(this.apply(kind, item));
    for (const name of changed) if (name) this.emit(name);
  }

  apply(kind, item) {
    switch (kind) {
      case "message":
        return this.applyMessage(item);
      case "phone":
        this.phones.set(item.key, item);
        this.phone ??= item.key;
        return "phones";
      case "phone_gone":
        this.phones.delete(item.key);
        if (this.phone === item.key) this.openChat(this.phones.keys().next().value ?? null);
        return "phones";
      case "app":
        this.apps.set(item.app_id, item);
        return "all";
      case "window":
        this.windows.set(chatKey(item.app_id, item.phone), item.ends);
        return "clock";
      case "clock":
        this.offset = item.offset;
        return "clock";
      case "faults":
        for (const row of this.switches) row.value = item[row.name];
        return "faults";
      case "subscriptions":
        this.subscriptions = item;
        return "subscriptions";
      case "request":
        bounded(this.requests, item);
        return "traffic";
      case "callback":
        bounded(this.callbacks, item);
        return "traffic";
      case "reset":
        this.load();
        return null;
    }
    return null;
  }

  applyMessage(message) {
    const key = chatKey(message.app_id, message.phone);
    const last = this.last.get(key);
    if (!last || message.time >= last.time || message.key === last.key) this.last.set(key, message);
    const open = key === chatKey(this.app, this.phone);
    if (message.direction === "out") this.countUnseen(key, message, open);
    if (open) {
      this.messages.set(message.key, message);
      this.emit("message", message);
    }
    return "phones";
  }

  countUnseen(key, message, open) {
    const unseen = this.unseen.get(key) ?? new Set();
    if (message.state === "delivered" && !(open && this.chatShown)) unseen.add(message.key);
    else unseen.delete(message.key);
    if (unseen.size) this.unseen.set(key, unseen);
    else this.unseen.delete(key);
  }
}

function bounded(map, item) {
  map.set(item.id, item);
  if (map.size > KEPT) map.delete(map.keys().next().value);
}

export const store = new Store();
