public import Foundation
public import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Bytes that are read at places: a file's, or in tests those of a disk that fails.
protocol ByteSource {
    var path: String { get }
    /// Bytes that there were when it was opened.
    var count: Int { get }
    /// Up to `count` bytes from `offset`; fewer only at the end.
    func read(_ count: Int, at offset: Int) throws(StorageError) -> Data
}

/// An open file that is read at places, with the system's own reason for every failure: libraries of formats keep it for
/// themselves.
public final class OpenFile: ByteSource {
    public let path: String
    public let count: Int
    private let descriptor: Int32

    /// - Throws: `StorageError.system` with the reason of the system, `.notRegular` for what is never opened.
    public init(_ url: URL) throws(StorageError) {
        path = url.path
        if let (job, path) = JobFence.job(of: url, reading: true) {
            (descriptor, count) = try job.open(path)
            return
        }
        try RegularFile.check(url)
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path: path, call: "open", errno: errno) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            let code = errno
            close(descriptor)
            throw .system(path: path, call: "open", errno: code)
        }
        count = Int(facts.st_size)
    }

    deinit { close(descriptor) }

    public func read(_ count: Int, at offset: Int) throws(StorageError) -> Data {
        var bytes = Data(count: max(0, count))
        var done = 0
        while done < bytes.count {
            let wanted = bytes.count - done
            // By the call that the libraries of formats use: what fails for them fails here.
            guard lseek(descriptor, off_t(offset + done), SEEK_SET) >= 0 else {
                throw .system(path: path, call: "seek", errno: errno)
            }
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: done), wanted)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw .system(path: path, call: "read", errno: errno)
            }
            if got == 0 { break }
            done += got
        }
        return bytes.count == done ? bytes : bytes.prefix(done)
    }

    /// Reads a part of the file and keeps nothing of it: the disk gives it, or says why it does not.
    public func probe(_ part: Range<Int>) throws(StorageError) {
        for start in stride(from: part.lowerBound, to: part.upperBound, by: Self.piece) {
            _ = try read(min(Self.piece, part.upperBound - start), at: start)
        }
    }

    static let piece = 4 << 20
    /// For a look past the end: memory is cleared before it is read into, which costs more than a small file does.
    static let look = 64 << 10
}

extension ErrorCode {
    /// That the machine failed, which says nothing of the file it was at work on: what is tried again may well go.
    public var isOfMachine: Bool { self == .io || self == .noSpace }
}

extension StorageError {
    /// What a work finds; nil where the file that it reads is not there, not whole, or not what is wanted.
    /// - Throws: what it throws where the machine failed: then nothing is known of the file.
    public static func ifGiven<Result>(_ work: () throws -> Result?) throws -> Result? {
        do { return try work() } catch {
            if (error as? any ReportableError)?.code.isOfMachine == true { throw error }
            return nil
        }
    }

    /// Does a work of reading, once more where the machine failed: a network file system may have lost a server for a moment.
    public static func retrying<Result>(_ work: () throws -> Result) throws -> Result {
        do { return try work() } catch let error as StorageError where error.code.isOfMachine { return try work() }
    }
}
