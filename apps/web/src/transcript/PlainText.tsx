export const PlainText = ({ text }: { text: string }) => <div className="md whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</div>;
