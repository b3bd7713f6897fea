import { Component, type ReactNode } from 'react';
import { PlainText } from './PlainText.tsx';

interface Props {
  /** What stands there when the children break. Another text gets another try. */
  readonly text: string;
  readonly children: ReactNode;
}
interface State {
  readonly text: string;
  readonly broken: boolean;
}

/** What an agent or a person wrote may break what draws it: then this one thing is plain text, and the page stays. */
export class Unbroken extends Component<Props, State> {
  override state: State = { text: this.props.text, broken: false };

  static getDerivedStateFromError(): Pick<State, 'broken'> {
    return { broken: true };
  }

  static getDerivedStateFromProps({ text }: Props, state: State): State | null {
    return text === state.text ? null : { text, broken: false };
  }

  override render(): ReactNode {
    return this.state.broken ? <PlainText text={this.props.text} /> : this.props.children;
  }
}
