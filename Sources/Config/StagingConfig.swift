/// How slides are brought that lie where no path leads to; of a study or of the user's settings.
public struct StagingConfig: ConfigSection {
    public var command: String?

    public enum CodingKeys: String, CodingKey, CaseIterable { case command }

    public init() {}

    public static let words =
        "How slides are brought that lie where no path leads to, such as in an object store (docs/guides/staging.md)."

    public static let fields: [Field] = [
        Field(
            .command,
            \.command,
            .text,
            "The client's command, with the places `{from}` and `{to}`; no shell is used. Of a study it runs only after "
                + "`wsi stage trust STUDY.json`.",
            absent: "that of the user's settings",
            flags: ["--stage-command"]
        )
    ]

    public static let rules = [
        Rule("`command` has the places `{from}` and `{to}`, and no quote is left open in it.") { config in
            guard let command = config.command else { return nil }
            do throws(ClientCommand.Fault) { _ = try ClientCommand(command) } catch { return (.command, error.words) }
            return nil
        },
        // What a relative one names depends on where a command is started.
        Rule("The program of `command` is a name, which is looked for in `$PATH`, or a full path.") { config in
            guard let command = config.command, let words = try? ClientCommand(command).words,
                words[0].contains("/"), !words[0].hasPrefix("/")
            else { return nil }
            return (.command, "its program is a relative path; give the full path, /…, or a name that $PATH finds")
        },
    ]
}
