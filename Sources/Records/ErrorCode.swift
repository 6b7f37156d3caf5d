/// What went wrong, as a stable word that scripts may match. What each means stands in its `entry`, and in docs/errors.md.
public enum ErrorCode: String, Sendable, Codable, CaseIterable {
    case bug = "E_BUG"
    case usage = "E_USAGE"
    case config = "E_CONFIG"
    case table = "E_TABLE"
    case notFound = "E_NOT_FOUND"
    /// The file is there, but this user may not read or write it.
    case access = "E_ACCESS"
    case slideOpen = "E_SLIDE_OPEN"
    case slideFormat = "E_SLIDE_FORMAT"
    case slideGeometry = "E_SLIDE_GEOMETRY"
    case slideCorrupt = "E_SLIDE_CORRUPT"
    case mppMissing = "E_MPP_MISSING"
    case mppImplausible = "E_MPP_IMPLAUSIBLE"
    case upsampling = "E_UPSAMPLING"
    case tooManyPatches = "E_TOO_MANY_PATCHES"
    case darkBackground = "E_DARK_BACKGROUND"
    case regions = "E_REGIONS"
    case copy = "E_COPY"
    case workerSignal = "E_WORKER_SIGNAL"
    case workerTimeout = "E_WORKER_TIMEOUT"
    case workerMemory = "E_WORKER_MEMORY"
    case workerExit = "E_WORKER_EXIT"
    case bag = "E_BAG"
    case nonFinite = "E_NONFINITE"
    case training = "E_TRAINING"
    case file = "E_FILE"
    case fingerprint = "E_FINGERPRINT"
    case digest = "E_DIGEST"
    case mismatch = "E_MISMATCH"
    case unsafeID = "E_UNSAFE_ID"
    case untrusted = "E_UNTRUSTED"
    case leakage = "E_LEAKAGE"
    case encoder = "E_ENCODER"
    case torch = "E_TORCH"
    case noSpace = "E_NOSPACE"
    case io = "E_IO"
    /// Another process is at work here.
    case busy = "E_BUSY"
    /// The machine lets this process have less than the work needs: memory, descriptors, threads.
    case limit = "E_LIMIT"
    /// The time that was left to a command is over.
    case time = "E_TIME"
    /// What other commands make is not all there yet.
    case incomplete = "E_INCOMPLETE"
    case interrupted = "E_INTERRUPTED"
}

/// An error that a command prints as one line: `wsi: error[E_CODE] <subject>: <what> (<where>); <what to do>`.
public protocol ReportableError: Error, CustomStringConvertible {
    var code: ErrorCode { get }
    /// The slide, file or key path that the error is about, if any.
    var subject: String? { get }
    /// What was found and what was wanted; ends with `; <remedy>` where there is one. One line.
    var message: String { get }
}

extension ReportableError {
    public var subject: String? { nil }

    public var description: String {
        "error[\(code.rawValue)] \(subject.map { "\($0): " } ?? "")\(message)"
    }
}

/// A reportable error as a plain value: what crosses a process border or is kept in an outcome.
public struct Failure: ReportableError, Codable, Equatable, Sendable {
    public var code: ErrorCode
    public var subject: String?
    public var message: String

    /// - Parameters:
    ///   - subject: cut to 256 Unicode scalars and, as `message`, to one line without what a terminal would act on: both may
    ///     hold what stands in a file.
    ///   - message: cut to 2,000.
    public init(_ code: ErrorCode, _ subject: String? = nil, _ message: String) {
        self.code = code
        self.subject = subject.map { ShownText.line($0, limit: ShownText.longestSubject) }
        self.message = ShownText.line(message)
    }

    /// What another process or an outcome says is as foreign as the file that it is about.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode(ErrorCode.self, forKey: .code),
            try container.decodeIfPresent(String.self, forKey: .subject),
            try container.decode(String.self, forKey: .message)
        )
    }

    /// Any error as a failure: reportable ones keep their code, others are a bug of ours.
    public init(_ error: any Error, subject: String? = nil) {
        if let reportable = error as? any ReportableError {
            self.init(reportable.code, reportable.subject ?? subject, reportable.message)
        } else {
            self.init(.bug, subject, String(describing: error))
        }
    }
}
