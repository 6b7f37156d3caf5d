public import Foundation
public import Records

#if canImport(Glibc)
    import Glibc
#endif

/// A file that cannot be read or written.
public enum StorageError: ReportableError, Equatable {
    /// A system call failed; `errno` decides between no space (75), other I/O (75), and a wrong path or right (2).
    case system(path: String, call: String, errno: Int32)
    /// A pipe, socket or device, which is never opened; `kind` in words.
    case notRegular(path: String, kind: String)
    /// A link of a job leads out of it, or a path does; `path` relative to the job.
    case leavesJob(path: String, job: String)
    /// The file is there but is not what it should be.
    case malformed(path: String, reason: String)
    /// A value that is NaN or infinite, with its row.
    case nonFinite(path: String, row: Int)
    /// libtiff could not write the file.
    case tiff(path: String, reason: String)
    /// A table with problems, each with its line.
    case table(path: String, problems: [String])

    public var code: ErrorCode {
        switch self {
        case .system(_, _, let errno): ErrorCode(errno: errno)
        case .notRegular: .notFound
        case .leavesJob: .unsafeID
        case .malformed: .file
        case .nonFinite: .nonFinite
        case .tiff: .io
        case .table: .table
        }
    }

    public var subject: String? {
        switch self {
        case .system(let path, _, _), .notRegular(let path, _), .malformed(let path, _), .nonFinite(let path, _),
            .tiff(let path, _), .table(let path, _):
            path
        case .leavesJob(_, let job): job
        }
    }

    public var message: String {
        switch self {
        case .system(_, let call, let errno): "\(call): \(String(cString: strerror(errno)))"
        case .notRegular(_, let kind): "\(kind), no regular file; copy what it gives into a file and name that"
        case .leavesJob(let path, _):
            path.hasPrefix("/") || path.split(separator: "/").contains("..")
                ? "\(path) leads out of the job"
                : "\(path) is a link out of the job; start with --follow-links FOLDER to allow it"
        case .malformed(_, let reason): reason
        case .nonFinite(_, let row):
            "row \(row) holds NaN or infinity; check the encoder or model and its precision"
        case .tiff(_, let reason): "cannot write the TIFF file: \(reason)"
        case .table(_, let problems):
            problems.prefix(Self.shownProblems).joined(separator: "; ")
                + (problems.count > Self.shownProblems ? "; and \(problems.count - Self.shownProblems) more" : "")
        }
    }
}

extension ErrorCode {
    /// What a failed system call means: that a disk is full, that a path or a right is wrong, which a person can mend, or that
    /// the machine failed, which says nothing of the file.
    public init(errno: Int32) {
        self =
            switch errno {
            case ENOSPC, EDQUOT, EFBIG: .noSpace
            case EACCES, EPERM, EROFS: .access
            case ENOENT, ENOTDIR, EISDIR, EEXIST, ELOOP, ENAMETOOLONG: .notFound
            default: .io
            }
    }
}

extension StorageError {
    /// Of a table, in one line; a table of thousands of rows may be wrong in each.
    private static let shownProblems = 10

    /// Runs a call of Foundation; its error becomes ours with the system's reason, which Foundation keeps inside its own.
    public static func during<Result>(_ call: String, _ url: URL, _ body: () throws -> Result) throws(StorageError)
        -> Result
    {
        do { return try body() } catch { throw .system(path: url.path, call: call, errno: reason(of: error)) }
    }

    private static func reason(of error: any Error) -> Int32 {
        let error = error as NSError
        if error.domain == NSPOSIXErrorDomain { return Int32(truncatingIfNeeded: error.code) }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error).map(reason) ?? EIO
    }
}
