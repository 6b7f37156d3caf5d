import Config
import Foundation
import Records

/// What a command was told of its stage.
public struct StagingRequest: Sendable {
    /// The folder; nil stages nothing.
    public var folder: String?
    /// As people write it.
    public var size: String?
    /// In place of that of the settings and of the study.
    public var command: String?

    public init(folder: String?, size: String?, command: String?) {
        (self.folder, self.size, self.command) = (folder, size, command)
    }

    /// - Throws: `Failure` (usage) for a size or command that is none.
    public func check() throws {
        if folder == nil, size != nil || command != nil {
            throw Failure(.usage, size == nil ? "--stage-command" : "--stage-size", "goes with --stage DIR")
        }
        _ = try (limit(), ownCommand())
    }

    /// The user's own command comes before the user's settings, and those before a study's.
    /// - Parameters:
    ///   - study: the command that the study's config names.
    ///   - dryRun: nothing is made or removed in the folder.
    /// - Throws: `Failure`, `ConfigError`, `StorageError`.
    public func staging(study: StudyCommand? = nil, dryRun: Bool = false) throws -> Staging? {
        try check()
        guard let folder else { return nil }
        let own = try ownCommand() ?? UserSettings.read().stage?.command.map { try ClientCommand($0) }
        let client = try own.map { .command($0) } ?? study?.client() ?? Staging.Client.none
        let staging = Staging(folder: URL(filePath: folder).standardizedFileURL, limit: try limit(), client: client)
        if !dryRun { try staging.prepare() }
        return staging
    }

    private func limit() throws -> Int? {
        guard let size else { return nil }
        guard let bytes = ByteSize(size)?.bytes else {
            throw Failure(.usage, "--stage-size", "'\(ShownText.line(size, limit: 40))' is no size; write 50G or 500M")
        }
        return bytes
    }

    private func ownCommand() throws -> ClientCommand? {
        guard let command else { return nil }
        do throws(ClientCommand.Fault) { return try ClientCommand(command) } catch {
            throw Failure(.usage, "--stage-command", error.words)
        }
    }
}
