import Config
import Files
import Foundation
import Records

/// Brings slides that no path leads to, by the laboratory's own client.
struct ClientCopier: SlideCopier {
    let command: ClientCommand
    private let program: String
    /// Of a copy of which nothing more comes.
    var patience = Duration.seconds(300)
    /// Between two looks at what has come.
    var look = Duration.seconds(1)
    /// Before each further try.
    var pauses = [Duration.seconds(2), .seconds(10)]

    /// - Throws: `Failure` (usage) where there is no such program.
    init(_ command: ClientCommand, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        self.command = command
        let name = command.words[0]
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        // A relative folder of PATH would mean another program in every place.
        let places = name.contains("/") ? [name] : folders.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
        guard let program = places.first(where: Self.isProgram) else {
            throw Failure(
                .notFound,
                name,
                "the client's program is not there or may not be run; name another with --stage-command"
            )
        }
        self.program = URL(filePath: program).path
    }

    private static func isProgram(_ path: String) -> Bool {
        RegularFile.kind(of: path) != .folder && access(path, X_OK) == 0
    }

    func bytes(of origin: SlideOrigin) -> Int? { nil }

    func copy(
        _ origin: SlideOrigin,
        of slide: SlideID,
        into folder: URL,
        grown: @escaping @Sendable (Int) -> Bool
    ) async throws -> URL {
        guard case .remote(let address) = origin else { throw Failure(.bug, slide.text, "a path is no address") }
        let target = folder.appending(path: Self.name(of: slide, at: address))
        var waits = pauses[...]
        while true {
            let fault: String
            do {
                let end = try await run(address, to: target, folder, grown)
                if end.end == .exited(0) { return try Self.slide(slide, of: address, at: target) }
                fault = words(of: end, about: address, folder)
            } catch is Stalled {
                fault = "nothing more came for \(patience.components.seconds) s"
            }
            guard let wait = waits.popFirst() else {
                let client = URL(filePath: program).lastPathComponent
                throw Failure(
                    .copy,
                    slide.text,
                    "\(client) did not bring it from \(address.shown) in \(pauses.count + 1) tries: \(fault)"
                )
            }
            try Self.empty(folder)
            try await Task.sleep(for: wait)
        }
    }

    /// - Throws: `Stalled`, `OutgrownStage`; the client has ended then.
    private func run(
        _ address: RemoteAddress,
        to target: URL,
        _ folder: URL,
        _ grown: @escaping @Sendable (Int) -> Bool
    ) async throws -> ChildProcess.Result {
        let child = ChildProcess(
            executable: program,
            arguments: command.arguments(from: address.whole, to: target.path),
            timeout: nil
        )
        return try await withThrowingTaskGroup(of: ChildProcess.Result?.self) { group in
            group.addTask { try await child.silent() }
            group.addTask {
                var (last, since) = (FolderGrowth(of: folder), ContinuousClock.now)
                while true {
                    try await Task.sleep(for: look)
                    let now = FolderGrowth(of: folder)
                    guard grown(now.bytes) else { throw OutgrownStage() }
                    if now != last { (last, since) = (now, .now) }
                    if ContinuousClock.now - since > patience { throw Stalled() }
                }
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let end = first else { throw CancellationError() }
            try Task.checkCancellation()
            guard grown(FolderGrowth(of: folder).bytes) else { throw OutgrownStage() }
            return end
        }
    }

    private struct Stalled: Error {}

    /// By what its reader knows it: the ending. An address's own name may be anything.
    private static func name(of slide: SlideID, at address: RemoteAddress) -> String {
        guard !address.isFolder, let dot = address.name.lastIndex(of: ".") else { return slide.text }
        let ending = address.name[dot...].dropFirst().prefix(16)
        let isPlain = !ending.isEmpty && ending.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return isPlain ? "\(slide.text).\(ending)" : slide.text
    }

    private static func slide(_ slide: SlideID, of address: RemoteAddress, at target: URL) throws -> URL {
        let wanted = "the client ended well, but left"
        guard address.isFolder else {
            // Not what a link leads to, which is no copy.
            if case .file(let bytes) = RegularFile.entry(target.path), bytes > 0 { return target }
            throw Failure(.copy, slide.text, "\(wanted) no file at {to}; see that its command names {to} as a file")
        }
        let found = (try? SlideList.find(paths: [target.path]).entries) ?? []
        guard found.count == 1 else {
            throw Failure(
                .copy,
                slide.text,
                "\(wanted) \(found.count) slides in {to}; an address that ends with / is a folder of one slide"
            )
        }
        return URL(filePath: found[0].path)
    }

    private static func empty(_ folder: URL) throws {
        for name in try FolderWalk.names(in: folder) {
            try StorageError.during("remove", folder) {
                try FileManager.default.removeItem(at: folder.appending(path: name))
            }
        }
    }
}

extension ClientCopier {
    /// How the client ended, with its last word; nothing of an address's secrets, nor of the command's, is in it.
    private func words(of end: ChildProcess.Result, about address: RemoteAddress, _ folder: URL) -> String {
        let how =
            switch end.end {
            case .exited(let code): "it ended with \(code)"
            case .signalled(let signal): "it ended by signal \(signal)"
            case .timedOut: "it took too long"
            }
        let last = end.errorText.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }
        guard let last else { return how }
        let said = ClientSecrets(of: address, command).hidden(in: String(last).replacing(folder.path, with: "{to}"))
        // The beginning of a line without an end was cut off, perhaps in the middle of a secret.
        return "\(how): \(ShownText.line(String(said.suffix(2000)), limit: 300))"
    }
}
