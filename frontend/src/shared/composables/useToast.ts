import { ElMessage } from "element-plus/es";
import "element-plus/es/components/message/style/css";

export const toast = {
  success: (message: string) => ElMessage({ message, type: "success", duration: 3500, showClose: true }),
  info: (message: string) => ElMessage({ message, type: "info", duration: 3500, showClose: true }),
  error: (error: unknown) =>
    ElMessage({ message: error instanceof Error ? error.message : String(error), type: "error", duration: 9000, showClose: true }),
};
