import Config

/// Something that a user can set: as a flag of some commands, as a key of a study's config, or as both.
public struct Setting: Sendable, Equatable {
    /// With its dashes.
    public var flag: String
    /// The key's path.
    public var key: String?
    /// What the key is set to where the flag takes no value.
    public var value: String?
    /// The commands whose flag of that name means this, the one that advice names first; empty: all that have it.
    public var commands: [String]

    /// The flags that are keys of a config, too; each is declared with its key.
    public static let all = PipelineConfig.outline.flags.map { flag, key in
        Setting(flag: flag.name, key: key, value: flag.value, commands: flag.commands)
    }
}
