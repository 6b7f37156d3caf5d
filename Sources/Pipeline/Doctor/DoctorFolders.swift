import Files
import Foundation
import Messages
import Records
import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// Folders that a run writes to: whether they take files, how much, and what they lie on.
enum DoctorFolders {
    /// `1.2 GB`
    static func size(_ bytes: Int) -> String {
        let value = Double(bytes)
        for (unit, factor) in [("TB", 1e12), ("GB", 1e9)] where value >= factor {
            return String(format: "%.1f %@", value / factor, unit)
        }
        return "\(Int(value / 1e6)) MB"
    }

    /// A folder of results.
    /// - Parameters:
    ///   - subject: what it is called.
    ///   - isTried: whether a file is written there and renamed, and removed again.
    static func line(_ subject: String, _ folder: URL, isTried: Bool) -> DoctorReport.Line {
        let place = existing(folder)
        let missing = place.path == folder.path ? "" : " (not there yet; of \(place.path))"
        guard let space = Space(place.path) else {
            return .fail(
                subject,
                "\(folder.path): \(String(cString: strerror(errno)))",
                fix: "name a folder that can be read"
            )
        }
        let text = "\(folder.path)\(missing): \(space.words)"
        if isTried {
            do { try tryWriting(in: place) } catch {
                let failure = Failure(error)
                let isOfMachine = failure.code.isOfMachine
                let fix =
                    isOfMachine
                    ? "make room there, or have the disk looked at" : "make the folder writable, or name another"
                let said = "\(text); cannot be written (\(failure.message))"
                return isOfMachine ? .down(subject, said, fix: fix) : .fail(subject, said, fix: fix)
            }
        }
        if space.free < 100 << 20 { return .down(subject, text, fix: "make room there") }
        if space.entries < 1000 { return .down(subject, text, fix: "no more files can be made there; remove some") }
        if space.free < 5 << 30 {
            return .warn(
                subject,
                text,
                fix: "a cohort wants more; wsi tile --dry-run says how much, or choose another disk"
            )
        }
        if let doubt = space.doubt { return .warn(subject, text, fix: doubt) }
        return .ok(subject, text + (isTried ? "; HDF5 is written, renamed and read there" : ""))
    }

    /// The temporary folder: files, and the socket that pixels go through.
    static func temporary() -> DoctorReport.Line {
        let subject = "temporary folder"
        let folder = FileManager.default.temporaryDirectory
        guard let space = Space(folder.path) else {
            let text = "\(folder.path): \(String(cString: strerror(errno)))"
            return .fail(subject, text, fix: "set TMPDIR to a folder that is there")
        }
        let text = "\(folder.path): \(space.words)"
        // As `EncoderServer` names it, with the longest numbers.
        let own = folder.appending(path: "wsi-\(getpid())-\(UInt32.max)")
        let longest = folder.appending(path: "wsi-4194304-\(UInt32.max)/pixels").path
        guard longest.utf8.count < 108 else {
            let fix =
                "set TMPDIR to a shorter path: a socket's is 107 bytes at most, and \(longest.utf8.count) are wanted"
            return .fail(subject, text, fix: fix)
        }
        do {
            try FileManager.default.createDirectory(at: own, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: own) }
            try AtomicFile.write("x", to: own.appending(path: "file"))
            close(try PixelChannel.listen(at: own.appending(path: "pixels").path))
        } catch {
            let failure = Failure(error)
            let said =
                "\(text); files or sockets cannot be made there (\(failure.code == .bug ? "no right to" : failure.message))"
            let fix = "set TMPDIR to a folder of a local disk that you may write"
            return failure.code.isOfMachine ? .down(subject, said, fix: fix) : .fail(subject, said, fix: fix)
        }
        if space.free < 64 << 20 { return .down(subject, text, fix: "make room there, or set TMPDIR") }
        return .ok(subject, "\(text); files and sockets can be made")
    }

    /// The nearest folder above that is there, or the folder itself.
    private static func existing(_ folder: URL) -> URL {
        var place = folder.standardizedFileURL
        while place.path != "/", case .none = RegularFile.kind(of: place.path) {
            place = place.deletingLastPathComponent()
        }
        return place
    }

    /// As every result is made: written, synced, renamed and read again.
    private static func tryWriting(in folder: URL) throws {
        let file = folder.appending(path: ".wsi-doctor-\(getpid()).h5")
        defer { unlink(file.path) }
        try MapFile.write(
            corners: [PixelPoint(x: 0, y: 0)],
            side: 1,
            maps: [(name: "try", quantity: "attention", values: [1])],
            percentile: [100],
            attributes: [:],
            to: file
        )
    }
}

/// What a file system says of itself.
private struct Space {
    /// Bytes that this user may write.
    let free: Int
    /// Files that can still be made.
    let entries: Int
    /// As the system names it: `ext4`, `nfs4`.
    let kind: String

    /// `errno` says why it is nil.
    init?(_ path: String) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        let (bytes, isTooMuch) = Int(clamping: facts.f_bavail).multipliedReportingOverflow(by: Int(facts.f_frsize))
        free = isTooMuch ? .max : bytes
        // Some file systems do not count.
        entries = facts.f_files == 0 ? .max : Int(clamping: facts.f_favail)
        kind = DoctorMounts().kind(of: URL(filePath: path).resolvingSymlinksInPath().path) ?? "an unknown file system"
    }

    var words: String { "\(kind), \(DoctorFolders.size(free)) free" }

    /// What a person should do before they put results there.
    var doubt: String? {
        switch kind {
        case "tmpfs", "ramfs": "it lies in memory and is gone with the next start; choose a folder of a disk"
        case "overlay": "in a container it is gone with the container; mount a folder of the host"
        default: nil
        }
    }
}

/// The file systems of this machine.
struct DoctorMounts {
    /// As `/proc/self/mounts` has it.
    var table = DoctorProgram.text("/proc/self/mounts") ?? ""

    /// - Parameter path: without links.
    func kind(of path: String) -> String? {
        let mounts = table.split(separator: "\n").compactMap { line -> (place: String, kind: String)? in
            let words = line.split(separator: " ")
            // Blanks in names are written as numbers.
            return words.count > 2 ? (String(words[1]).replacing("\\040", with: " "), String(words[2])) : nil
        }
        let around = mounts.filter { $0.place == "/" || path == $0.place || path.hasPrefix($0.place + "/") }
        // Of those at one place the last lies on top.
        return around.enumerated().max { ($0.element.place.count, $0.offset) < ($1.element.place.count, $1.offset) }?
            .element.kind
    }
}
