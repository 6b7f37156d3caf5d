/// A word of a command that a person may paste.
public enum ShellWord {
    /// As a shell takes it for one word.
    public static func quoted(_ word: String) -> String {
        if word.wholeMatch(of: /[A-Za-z0-9_.\/:@%+=,-]+/) != nil { return word }
        return "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
