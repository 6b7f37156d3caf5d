import Config
import Files
import Foundation
import Records
import Storage

/// What a user has settled for all studies: `wsi/settings.json` in `$XDG_CONFIG_HOME` or `~/.config`.
struct UserSettings: ConfigSection {
    var stage: StagingConfig?

    enum CodingKeys: String, CodingKey, CaseIterable { case stage }

    init() {}

    static let words = "What a user has settled for all studies."

    static let fields: [Field] = [
        Field(.stage, \.stage, .section, StagingConfig.words, absent: "none")
    ]

    /// As people find it.
    static let place = "~/.config/wsi/settings.json"

    /// - Throws: `ConfigError` for what is in the file, `StorageError` where it is there and cannot be read.
    static func read(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> UserSettings {
        let url = UserFolder.url(environment: environment).appending(path: "settings.json")
        guard try RegularFile.exists(url) else { return UserSettings() }
        do { return try CanonicalJSON.read(UserSettings.self, written: url) } catch StorageError.malformed(
            let path,
            let reason
        ) { throw ConfigError(path, reason) }
    }
}
