import { DiscussContent } from "@mail/core/public_web/discuss_content";
import { useMessageScrolling } from "@mail/utils/common/hooks";

import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useExternalListener,
    useRef,
    useState,
    useSubEnv,
} from "@odoo/owl";

import { useCommand } from "@web/core/commands/command_hook";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { ComposerBar } from "@whatsapp_omni/core/composer_bar/composer_bar";
import { canOpenWindow, COMPOSER_WINDOWS } from "@whatsapp_omni/core/composer_windows";
import {
    availableActions,
    conversationActions,
    isAvailable,
} from "@whatsapp_omni/core/conversation_actions";
import { ConversationHeader } from "@whatsapp_omni/core/conversation_header/conversation_header";
import { openMessagePicker } from "@whatsapp_omni/core/message_picker/message_picker";
import { TransferBar } from "@whatsapp_omni/core/transfer/transfer_bar";
import { ConversationList } from "@whatsapp_omni/inbox/conversation_list/conversation_list";
import { EmptyState } from "@whatsapp_omni/inbox/empty_state/empty_state";
import { SetupSteps } from "@whatsapp_omni/inbox/setup_steps/setup_steps";
import { ShortcutsDialog } from "@whatsapp_omni/inbox/shortcuts_dialog/shortcuts_dialog";
import { SidePanel } from "@whatsapp_omni/inbox/side_panel/side_panel";

/** Of the command palette. */
const COMMAND_CATEGORY = "whatsapp_omni.conversation";
const EDITABLE = "input, textarea, select, [contenteditable='true']";
/** Milliseconds in which a letter that follows others is still text. */
const TYPING_PAUSE = 1000;

const isTyping = ({ target }) => target instanceof HTMLElement && target.matches(EDITABLE);

/**
 * The agent's desk: conversations on the left, one thread in the middle, what is known
 * about the customer on the right. A phone shows the three one after the other.
 */
export class Inbox extends Component {
    static template = "whatsapp_omni.Inbox";
    static components = {
        ComposerBar,
        ConversationHeader,
        ConversationList,
        DiscussContent,
        EmptyState,
        SetupSteps,
        SidePanel,
        TransferBar,
    };
    static props = { ...standardActionServiceProps };
    static path = "whatsapp";
    static displayName = _t("WhatsApp");

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.ui = useState(useService("ui"));
        this.dialog = useService("dialog");
        this.root = useRef("root");
        this.state = useState({ isLoading: true });
        this.typedAt = -TYPING_PAUSE;
        useSubEnv({
            inDiscussApp: true,
            inWhatsappDesk: true,
            messageHighlight: useMessageScrolling(),
        });
        this.setupKeyboard();
        onWillStart(() => {
            this.open();
        });
        onMounted(() => {
            this.desk.isActive = true;
            this.desk.foldChatWindows();
        });
        onWillUnmount(() => (this.desk.isActive = false));
        useEffect(
            () => {
                this.desk.fetchThread();
            },
            () => [this.conversation?.id, this.conversation?.isReadable]
        );
        useEffect(
            (conversationId, isLoading) => {
                if (!isLoading && !this.desk.isMissing) {
                    this.props.updateActionState?.({ resId: conversationId ?? false });
                }
            },
            () => [this.conversation?.id, this.state.isLoading]
        );
    }

    setupKeyboard() {
        useHotkey("j", () => this.moveInList(1), { allowRepeat: true });
        useHotkey("k", () => this.moveInList(-1), { allowRepeat: true });
        useHotkey("escape", () => this.onEscape());
        useHotkey("alt+n", () => this.thread.switchWhatsappNote(), {
            bypassEditableProtection: true,
            isAvailable: () => Boolean(this.thread?.canWhatsappNote),
        });
        for (const composerWindow of COMPOSER_WINDOWS) {
            const { name, open } = composerWindow;
            this.setupCommand(name, open, (c) => canOpenWindow(composerWindow, c));
        }
        for (const [, action] of conversationActions.getEntries()) {
            this.setupCommand(action.name, action.run, (c) => isAvailable(action, c));
        }
        useExternalListener(window, "keydown", this.onKeydownCapture, { capture: true });
        useExternalListener(window, "keydown", this.onKeydown);
    }

    /** List something in the command palette, which would go on with what it returns. */
    setupCommand(name, run, isPossible) {
        useCommand(
            name,
            () => {
                run(this.conversation, this.env);
            },
            {
                category: COMMAND_CATEGORY,
                isAvailable: () => Boolean(this.conversation) && isPossible(this.conversation),
            }
        );
    }

    get desk() {
        return this.store.whatsappDesk;
    }

    get conversation() {
        return this.desk.conversation;
    }

    get inbox() {
        return this.store.whatsapp_omni_inbox;
    }

    get thread() {
        return this.desk.thread;
    }

    get hasOverlayPanel() {
        return this.desk.hasOverlayPanel;
    }

    get showsList() {
        return !this.ui.isSmall || (this.desk.page === "list" && !this.isPhoneHintNeeded);
    }

    get showsThread() {
        return !this.ui.isSmall || this.desk.page === "thread" || this.isPhoneHintNeeded;
    }

    /** Whether a phone has something to say that stands beside the list elsewhere. */
    get isPhoneHintNeeded() {
        if (this.desk.page !== "list" || this.conversation) {
            return false;
        }
        if (!this.desk.isAgent) {
            return true;
        }
        const hasNothing = this.desk.isLoaded && !this.desk.conversations.length;
        return this.desk.isMissing || (hasNothing && (this.needsSetup || this.hasNoQueue));
    }

    get showsPanel() {
        return Boolean(this.conversation) && this.desk.isPanelShown;
    }

    /** Whether it is for us to answer, with a template at least. */
    get canSend() {
        return Boolean(this.conversation?.takesPart && this.conversation.is_reachable);
    }

    /** Whether there is something left for an administrator to set up. */
    get needsSetup() {
        const { setup } = this.inbox ?? {};
        return Boolean(setup) && Object.values(setup).includes(false);
    }

    get hasNoQueue() {
        const { inbox } = this;
        return Boolean(inbox) && !inbox.has_queue && !inbox.is_supervisor && !this.needsSetup;
    }

    async open() {
        this.state.isLoading = true;
        const resId = this.props.resId || this.props.action.params?.active_id;
        try {
            await this.desk.open(resId || this.conversation?.id);
        } finally {
            this.state.isLoading = false;
        }
    }

    cards() {
        return [...(this.root.el?.querySelectorAll("[role='option']") ?? [])];
    }

    /** @param {1|-1} step */
    moveInList(step) {
        const cards = this.cards();
        const focused = cards.indexOf(document.activeElement);
        const current =
            focused === -1
                ? cards.findIndex((card) => card.getAttribute("aria-selected") === "true")
                : focused;
        const next = Math.max(0, Math.min(cards.length - 1, current + step));
        cards[next]?.focus();
    }

    /** Note what Escape is for before the composer has its turn, and who is typing. */
    onKeydownCapture(ev) {
        // what a browser fills in by itself comes without a key
        const isText = ev.key?.length === 1 && (isTyping(ev) || this.isTypedOn(ev));
        this.typedAt = isText ? ev.timeStamp : -TYPING_PAUSE;
        if (ev.key === "Escape") {
            this.isEscapeTaken =
                Boolean(this.thread?.composer.replyToMessage) ||
                Boolean(ev.target.closest?.(".o-mail-Composer.o-editing")) ||
                Boolean(document.querySelector(".o-mail-NavigableList .o-open, .o_popover"));
        }
    }

    /** Whether the composer vanished under what is being typed: that is no command. */
    isTypedOn({ timeStamp }) {
        return timeStamp - this.typedAt < TYPING_PAUSE;
    }

    onEscape() {
        if (!this.isEscapeTaken) {
            this.desk.backToList();
        }
    }

    onKeydown(ev) {
        if (isTyping(ev) || this.isTypedOn(ev) || this.ui.activeElement !== document) {
            return;
        }
        // a key that is held down would do it to the next conversation, too
        if (ev.repeat || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const action = availableActions(this.conversation).find(({ hotkey }) => hotkey === ev.key);
        if (action) {
            ev.preventDefault();
            action.run(this.conversation, this.env);
        } else if (ev.key === "?") {
            this.dialog.add(ShortcutsDialog, {});
        } else if (ev.key === "/" && this.canSend) {
            ev.preventDefault();
            openMessagePicker(this.conversation);
        }
    }
}

registry.category("actions").add("whatsapp_omni.inbox", Inbox);
// what can be done with the conversation on screen comes first
registry.category("command_categories").add(COMMAND_CATEGORY, {}, { sequence: 5 });
