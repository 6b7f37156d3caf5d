/// Puts what messages advise into words that fit the command that was called.
///
/// A message may come from a worker, from another program or from an outcome that another command recorded, and names a
/// setting by its flag (`--slide-mpp 0.5`) or, where the flag means several things, by its key (`tiling.mpp 0.5`), a value
/// right behind it. What is said instead is a flag that the command takes, a key of its config, or the command that takes
/// the flag.
public struct Advice: Sendable {
    private let tree: CommandTree
    private let command: String
    private let own: Set<String>

    /// - Parameter command: as `CommandTree` names it.
    public init(_ tree: CommandTree, for command: String) {
        (self.tree, self.command) = (tree, command)
        own = tree.flags[command] ?? []
    }

    /// Whether the command is about a config, so that its keys are the words to use.
    private var hasConfig: Bool { own.contains("--config") || ["config", "init"].contains(command) }

    /// - Parameter stage: the command whose work the message is about, where that is another one.
    public func text(_ message: String, from stage: String? = nil) -> String {
        // Most messages advise nothing.
        guard ["--", "cohort.", "tiling.", "features.", "training.", "heatmap."].contains(where: message.contains)
        else {
            return message
        }
        // Of a command that is written out every word stays: `wsi encoder trust FILE --yes`.
        let mention =
            #/
            wsi\ [a-z]+[^;,()]*
            | (?: \B (?<flag> --[a-z][a-z0-9-]*[a-z0-9]) | \b (?<key> (?:cohort|tiling|features|training|heatmap)(?:\.[a-z_]+)+ ) )
              (?<value> \ (?: [0-9]+(?:\.[0-9]+)? | slide | bounds | pad | drop | auto | cpu | cuda | fp32 | bf16 ) \b )?
            /#
            .wordBoundaryKind(.simple)
        return message.replacing(mention) { match in
            let value = match.value.map(String.init)
            if let flag = match.flag { return said(flag: String(flag), value, stage) ?? String(match.0) }
            if let key = match.key { return said(key: String(key), value, stage) ?? String(match.0) }
            return String(match.0)
        }
    }

    /// - Parameter value: with the blank before it.
    private func said(flag: String, _ value: String?, _ stage: String?) -> String? {
        let meanings = Setting.all.filter { $0.flag == flag }
        let setting = meanings.first { $0.commands.contains(command) } ?? meanings.first
        if own.contains(flag) {
            // Another command's flag of this name may be the config's key.
            let isMeant = setting.map { $0.commands.isEmpty || $0.commands.contains(command) } ?? false
            let key = hasConfig && isMeant ? setting?.key : nil
            return "\(flag)\(value ?? "")\(key.map { " (\($0) in the config)" } ?? "")"
        }
        if hasConfig, let setting, let key = setting.key {
            return "\(key)\(value ?? setting.value.map { " \($0)" } ?? "") in the config"
        }
        return elsewhere(flag, setting, value, stage)
    }

    /// nil where the key itself is the word for it.
    private func said(key: String, _ value: String?, _ stage: String?) -> String? {
        guard !hasConfig, let setting = Setting.all.first(where: { $0.key == key }) else { return nil }
        let isMeant = setting.commands.isEmpty || setting.commands.contains(command)
        if own.contains(setting.flag), isMeant { return setting.flag + (value ?? "") }
        return elsewhere(setting.flag, setting, value, stage)
    }

    /// nil where no command takes the flag.
    private func elsewhere(_ flag: String, _ setting: Setting?, _ value: String?, _ stage: String?) -> String? {
        let takers = tree.flags.filter { $0.value.contains(flag) && !$0.key.isEmpty }.map(\.key)
        let meant = setting?.commands.isEmpty == false ? setting?.commands ?? [] : takers
        // Those of a setting come in its order, the others in the order of the work, as the help has them.
        let order = (stage.map { [$0] } ?? []) + (setting?.commands ?? []) + (tree.names[""] ?? [])
        let taker = order.first { meant.contains($0) && takers.contains($0) } ?? takers.min()
        return taker.map { "wsi \($0) \(flag)\(value ?? "")" }
    }
}
