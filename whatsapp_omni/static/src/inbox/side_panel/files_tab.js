import { Component, useEffect, useState } from "@odoo/owl";

import { useFileViewer } from "@web/core/file_viewer/file_viewer_hook";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { url } from "@web/core/utils/urls";

import { CONVERSATION_MODEL } from "@whatsapp_omni/core/constants";

/** Pixels of a picture in the grid, twice what is shown for sharp screens. */
const THUMBNAIL_SIZE = 192;

/**
 * The files exchanged with the customer, of all conversations on this line.
 *
 * @typedef {Object} Props
 * @property {import("models").Conversation} conversation
 * @extends {Component<Props, Env>}
 */
export class FilesTab extends Component {
    static template = "whatsapp_omni.SidePanel.FilesTab";
    static props = ["conversation"];

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.orm = useService("orm");
        this.fileViewer = useFileViewer();
        this.state = useState({
            /** @type {number[]|undefined} the newest first */
            ids: undefined,
            /** those that the customer has never seen */
            noteIds: new Set(),
            hasMore: false,
            isLoading: false,
            hasFailed: false,
        });
        this.keepLast = new KeepLast();
        useEffect(
            () => {
                this.load();
            },
            () => [this.props.conversation.id, this.props.conversation.last_message_at?.ts]
        );
    }

    get files() {
        return this.state.ids.map((id) => this.store["ir.attachment"].get(id)).filter(Boolean);
    }

    /** Load what is newest; what was shown stays below it. */
    async load() {
        await this.fetch(false, (page) => {
            const oldest = page.ids.at(-1);
            const older = page.has_more ? (this.state.ids ?? []).filter((id) => id < oldest) : [];
            if (!older.length) {
                this.state.hasMore = page.has_more;
            }
            this.state.ids = [...page.ids, ...older];
        });
    }

    async loadMore() {
        await this.fetch(this.state.ids.at(-1), (page) => {
            this.state.ids.push(...page.ids);
            this.state.hasMore = page.has_more;
        });
    }

    async fetch(beforeId, onPage) {
        this.state.isLoading = true;
        try {
            const page = await this.keepLast.add(
                this.orm.silent.call(CONVERSATION_MODEL, "get_files", [
                    [this.props.conversation.id],
                    beforeId,
                ])
            );
            this.store.insert(page.store_data);
            page.note_ids.forEach((id) => this.state.noteIds.add(id));
            onPage(page);
            this.state.hasFailed = false;
        } catch (error) {
            this.state.hasFailed = true;
            throw error;
        } finally {
            this.state.isLoading = false;
        }
    }

    /** @param {import("models").Attachment} file */
    isOfNote(file) {
        return this.state.noteIds.has(file.id);
    }

    /** @param {import("models").Attachment} file */
    titleOf(file) {
        return this.isOfNote(file)
            ? _t("%(file)s, in a private note: the customer does not see it", { file: file.name })
            : file.name;
    }

    /** @param {import("models").Attachment} file */
    thumbnailOf(file) {
        if (file.has_thumbnail) {
            return file.thumbnailUrl;
        }
        if (!file.isImage) {
            return undefined;
        }
        const size = `${THUMBNAIL_SIZE}x${THUMBNAIL_SIZE}`;
        return url(`${file.urlRoute}/${size}`, file.urlQueryParams);
    }

    /** @param {import("models").Attachment} file */
    open(file) {
        if (file.isViewable) {
            this.fileViewer.open(file, this.files);
        } else {
            window.open(file.downloadUrl, "_blank");
        }
    }
}
