import { ElMessageBox } from "element-plus/es";
import "element-plus/es/components/message-box/style/css";
import { i18n } from "@/i18n";

export interface Question {
  title: string;
  text: string;
  yes: string;
  no?: string;
  isDangerous?: boolean;
}

/** Asks in plain words; true only when the person agrees. */
export async function confirm(question: Question): Promise<boolean> {
  try {
    await ElMessageBox.confirm(question.text, question.title, {
      confirmButtonText: question.yes,
      cancelButtonText: question.no ?? i18n.global.t("common.cancel"),
      confirmButtonClass: question.isDangerous ? "el-button--danger" : undefined,
      closeOnClickModal: false,
    });
    return true;
  } catch {
    return false;
  }
}
