/** Short words about what was done. The library comes after the first paint: nothing is told before that. */
interface More {
  readonly description?: string;
  readonly action?: { label: string; onClick: () => void };
}
const library = () => import('sonner');
export const toast = {
  success: (text: string, more?: More) => void library().then((sonner) => sonner.toast.success(text, more)),
  error: (text: string, more?: More) => void library().then((sonner) => sonner.toast.error(text, more)),
};
