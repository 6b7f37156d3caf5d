public import Config
import Files
public import Foundation
public import Records
import Synchronization

/// A folder on a disk of this machine, into which slides are copied from where they lie: the next ones while others are worked on.
///
/// Each copy is in a folder with a temporary name of this process, which goes with its slide; those of killed commands go with the
/// next command that names the folder. No result depends on it.
public final class Staging: Sendable {
    /// Why slides that no path leads to can be brought, or not.
    public enum Client: Sendable {
        case command(ClientCommand)
        /// There is one, which must not run.
        case refused(Failure)
        case none
    }

    let folder: URL
    let room: StageRoom
    private let files: any SlideCopier
    private let client: Result<any SlideCopier, Failure>
    /// Those that have more than what is on record of them.
    private let addresses = Mutex<[SlideID: RemoteAddress]>([:])

    /// - Parameter limit: of all copies together, in bytes; nil takes half of what is free there, 50 GB at most.
    public convenience init(folder: URL, limit: Int?, client: Client) {
        self.init(
            folder: folder,
            limit: limit ?? Self.usualLimit(folder),
            files: FileCopier(),
            client: Self.copier(client)
        )
    }

    /// Makes the folder where it is not there, and removes what dead processes have left in it.
    /// - Throws: `Failure` where nothing can be written there.
    func prepare() throws {
        do {
            try AtomicFile.createFolder(folder)
            try Self.check(folder)
        } catch let error as StorageError {
            throw Failure(error.code, "--stage", "\(folder.path): \(error.message); name another folder")
        }
        Ending.watch(overFilesIn: folder)
    }

    /// One that cannot be started matters only where slides have addresses.
    private static func copier(_ client: Client) -> Result<any SlideCopier, Failure> {
        switch client {
        case .command(let command):
            do { return .success(try ClientCopier(command)) } catch { return .failure(Failure(error)) }
        case .refused(let failure): return .failure(failure)
        case .none: return .failure(noClient)
        }
    }

    init(folder: URL, limit: Int, files: any SlideCopier, client: Result<any SlideCopier, Failure>) {
        (self.folder, self.files, self.client) = (folder, files, client)
        room = StageRoom(limit: limit)
    }

    private static let noClient = Failure(
        .usage,
        nil,
        "slides lie where only a client gets them, and none is named; give its command as --stage-command 'CLIENT {from} {to}', "
            + "or in the user's settings (\(UserSettings.place))"
    )

    private static func usualLimit(_ folder: URL) -> Int {
        min(50_000_000_000, Int(clamping: Int64((Preview.freeBytes(at: folder) ?? 100e9) / 2)))
    }

    private static func check(_ folder: URL) throws {
        try AtomicFile.discarding(beside: folder.appending(path: "try")) { try Data("try".utf8).write(to: $0) }
    }

    /// - Throws: `Failure` where slides without a path could not be brought.
    func checkClient() throws { _ = try client.get() }

    /// Remembers the whole addresses of slides, which stand in no record.
    func know(_ entries: [SlideEntry]) {
        addresses.withLock { known in
            for entry in entries { if let address = entry.address { known[entry.id] = address } }
        }
    }

    /// Begins to bring a slide. Slides get room in the order of these calls.
    /// - Parameter place: a path, or an address as it is on record.
    func begin(_ slide: SlideID, at place: String, progress: @escaping ProgressSink) -> StagedSlide {
        var origin = SlideOrigin(place)
        // A slide may have moved since: then what is on record counts.
        if case .remote(let address) = origin, let whole = addresses.withLock({ $0[slide] }),
            whole.shown == address.shown
        {
            origin = .remote(whole)
        }
        let ticket = room.line()
        let arrival = Task { [origin] in
            do { return try await bring(slide, from: origin, ticket, progress) } catch {
                room.leave(ticket)
                throw error
            }
        }
        return StagedSlide(arrival, ticket, of: room)
    }
}

extension Staging {
    private func bring(
        _ slide: SlideID,
        from origin: SlideOrigin,
        _ ticket: StageRoom.Ticket,
        _ progress: @escaping ProgressSink
    ) async throws -> StagedSlide.Place {
        guard case .path(let path) = origin else {
            let copier = try client.get()
            try await room.enter(ticket, bytes: nil)
            do { return try await copied(slide, origin, copier, ticket, progress) } catch is OutgrownStage {
                try await room.enterAlone(ticket)
            }
            do { return try await copied(slide, origin, copier, ticket, progress) } catch is OutgrownStage {
                let limit = ByteSize.text(room.limit)
                throw Failure(.copy, slide.text, "it is larger than the stage, \(limit); give a larger --stage-size")
            }
        }
        // What is wrong with its files the worker says, in the words of slides that are not staged.
        let bytes = try? await files.bytes(of: origin)
        guard let bytes, bytes <= room.limit else {
            if let bytes {
                let limit = ByteSize.text(room.limit)
                progress(
                    .note("\(slide): \(ByteSize.text(bytes)) are more than the stage's \(limit); read where it lies")
                )
            }
            room.leave(ticket)
            return StagedSlide.Place(path: path)
        }
        try await room.enter(ticket, bytes: bytes)
        return try await copied(slide, origin, files, ticket, progress)
    }

    private func copied(
        _ slide: SlideID,
        _ origin: SlideOrigin,
        _ copier: any SlideCopier,
        _ ticket: StageRoom.Ticket,
        _ progress: @escaping ProgressSink
    ) async throws -> StagedSlide.Place {
        let folder = AtomicFile.temporary(beside: self.folder.appending(path: slide.text))
        let told = CopiedBytes(progress)
        progress(.copying(unit: slide.text, isDone: false))
        defer { progress(.copying(unit: slide.text, isDone: true)) }
        do {
            guard mkdir(folder.path, 0o700) == 0 else {
                throw Failure(
                    ErrorCode(errno: errno),
                    slide.text,
                    "mkdir in the folder of --stage: \(String(cString: strerror(errno)))"
                )
            }
            let file = try await copier.copy(origin, of: slide, into: folder) { [room] bytes in
                told.reached(bytes)
                return room.grow(ticket, to: bytes)
            }
            let digest = try await BlockingWork.run { _ in try SlideDigest.quick(file.path) }
            room.filled(ticket, bytes: FolderGrowth(of: folder).bytes)
            return StagedSlide.Place(path: file.path, digest: digest, folder: folder)
        } catch {
            AtomicFile.discard(folder)
            if error is OutgrownStage || error is CancellationError { throw error }
            try Task.checkCancellation()
            throw Failure(error).naming(UnitID(slide)).without(folder)
        }
    }
}

/// Tells whole megabytes.
private final class CopiedBytes: Sendable {
    private let progress: ProgressSink
    private let told = Mutex(0)

    init(_ progress: @escaping ProgressSink) { self.progress = progress }

    func reached(_ bytes: Int) {
        let more = told.withLock { told in
            let now = max(told, bytes / 1_000_000)
            defer { told = now }
            return now - told
        }
        if more > 0 { progress(.advanced(amount: more, of: "MB copied")) }
    }
}

extension Failure {
    /// Where the stage lies belongs into no record.
    fileprivate func without(_ folder: URL) -> Failure {
        Failure(code, subject, message.replacing(folder.path + "/", with: ""))
    }
}
