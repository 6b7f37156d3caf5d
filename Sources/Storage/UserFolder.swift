public import Foundation

/// Where the user's own settings lie: `wsi` in `$XDG_CONFIG_HOME` or `~/.config`.
public enum UserFolder {
    public static func url(environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
        // The XDG specification has relative paths ignored.
        let folder =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
            ?? environment["HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0).appending(path: ".config") : nil }
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".config")
        return folder.appending(path: "wsi")
    }
}
