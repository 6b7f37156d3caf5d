import Config
import Files
public import Foundation
import Records
public import Storage

/// The client's command that a study's config names. Whoever wrote the config wrote a program to run: it needs the user's consent.
public struct StudyCommand: Sendable {
    public let text: String
    private let config: URL

    /// nil where the config names none.
    /// - Throws: as `PipelineConfig.read`.
    public init?(config url: URL) throws { try self.init(PipelineConfig.read(url).stage, of: url) }

    init?(_ stage: StagingConfig?, of url: URL) {
        guard let text = stage?.command else { return nil }
        (self.text, config) = (text, url)
    }

    /// SHA-256 of the command; the same in every config that names it.
    public var digest: String { Digest.sha256(Data("stage.command\n\(text)".utf8)) }

    /// - Throws: `StorageError`.
    public func isTrusted(by store: TrustStore = .commands()) throws -> Bool { try store.isTrusted(digest) }

    /// - Throws: `StorageError`.
    public func trust(in store: TrustStore = .commands()) throws {
        try store.trust(digest: digest, name: config.lastPathComponent)
    }

    /// - Returns: the command, or why it must not run.
    func client(by store: TrustStore = .commands()) throws -> Staging.Client {
        guard try isTrusted(by: store) else {
            return .refused(
                Failure(
                    .untrusted,
                    config.path,
                    "its stage.command is a program that you have not agreed to run; look at it with wsi stage trust "
                        + "\(config.lastPathComponent), or give your own as --stage-command"
                )
            )
        }
        return .command(try ClientCommand(text))
    }
}
