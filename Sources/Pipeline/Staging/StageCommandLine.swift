import Records

/// A command as records show it.
enum StageCommandLine {
    private static let flag = "--stage-command"

    /// Without what may be secret: the client's command, which may hold a key, and what addresses have beside their path.
    static func shown(_ arguments: some Sequence<String>) -> [String] {
        var isCommand = false
        return arguments.map { word in
            defer { isCommand = word == flag }
            if isCommand { return "…" }
            if word.hasPrefix(flag + "=") { return flag + "=…" }
            return RemoteAddress.withoutSecrets(word)
        }
    }
}
