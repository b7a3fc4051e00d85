import {
    Component,
    onMounted,
    onWillDestroy,
    status,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";

const { DateTime } = luxon;
/** The camera gives what comes nearest. */
const WANTED = { width: { ideal: 1920 }, height: { ideal: 1080 } };

/**
 * Take a photo with the camera of a computer.
 *
 * @typedef {Object} Props
 * @property {(photo: File) => void} onPhoto
 * @property {() => void} close
 * @extends {Component<Props, Env>}
 */
export class CameraDialog extends Component {
    static template = "whatsapp_omni.CameraDialog";
    static components = { Dialog };
    static props = ["onPhoto", "close"];

    setup() {
        super.setup();
        this.videoRef = useRef("video");
        this.takeRef = useRef("take");
        /** @type {MediaStream|undefined} */
        this.stream = undefined;
        this.state = useState({ isReady: false, hasFailed: false });
        onMounted(() => this.start());
        onWillDestroy(() => this.stop(this.stream));
        useEffect(
            (isReady) => {
                if (isReady) {
                    this.takeRef.el.focus();
                }
            },
            () => [this.state.isReady]
        );
    }

    async start() {
        let stream;
        try {
            stream = await browser.navigator.mediaDevices.getUserMedia({ video: WANTED });
        } catch {
            this.state.hasFailed = true;
            return;
        }
        if (status(this) === "destroyed") {
            this.stop(stream); // the dialog was closed while the browser asked
            return;
        }
        this.stream = stream;
        this.videoRef.el.srcObject = stream;
    }

    stop(stream) {
        stream?.getTracks().forEach((track) => track.stop());
    }

    onPlaying() {
        this.state.isReady = true;
    }

    async take() {
        const { videoHeight: height, videoWidth: width } = this.videoRef.el;
        const canvas = Object.assign(document.createElement("canvas"), { height, width });
        canvas.getContext("2d").drawImage(this.videoRef.el, 0, 0);
        const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
        const name = `${DateTime.now().toFormat("yyyy-MM-dd HH.mm.ss")}.jpg`;
        this.props.onPhoto(new File([blob], name, { type: blob.type }));
        this.props.close();
    }
}
