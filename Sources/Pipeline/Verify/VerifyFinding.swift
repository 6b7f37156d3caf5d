public import Records
import Storage

/// One thing that `wsi verify` found in a job.
public struct VerifyFinding: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// Other bytes than were written, or a record that cannot be read.
        case damaged
        case missing
        /// A record that does not agree with another one, or with what a file says of itself.
        case contradictory
        /// A path that leads out of the job; nothing there is read.
        case refused
        /// The machine, or the rights there, kept it from being looked at.
        case unreadable
        /// A file as jobs have them that no record names.
        case orphan
        /// Any other file.
        case stranger

        /// Whether the job is not as its records tell.
        public var isFault: Bool { self != .orphan && self != .stranger }
    }

    public var kind: Kind
    public var code: ErrorCode
    /// Relative to the job; of a slide, where it lies.
    public var path: String
    public var stage: String?
    /// The slide, or the fold.
    public var unit: String?
    public var message: String
    /// What to do, such as `run wsi predict JOB --model m`.
    public var remedy: String?

    init(
        _ kind: Kind,
        _ code: ErrorCode,
        _ path: String,
        stage: String? = nil,
        unit: String? = nil,
        _ message: String,
        remedy: String? = nil
    ) {
        self.kind = kind
        self.code = code
        self.path = path
        self.stage = stage
        self.unit = unit
        self.message = message
        self.remedy = remedy
    }

    /// As one line.
    public var failure: Failure {
        let origin = stage.map { stage in " (\(stage)\(unit.map { ", \($0)" } ?? ""))" } ?? ""
        return Failure(code, path, "\(message)\(origin)\(remedy.map { "; \($0)" } ?? "")")
    }
}

extension VerifyFinding {
    /// Of a record that could not be read.
    init(_ error: any Error, reading path: String, stage: String? = nil, unit: String? = nil, remedy: String? = nil) {
        let failure = Failure(error)
        let kind: Kind =
            switch failure.code {
            case .access, .io: .unreadable
            case .notFound: .missing
            case .unsafeID: .refused
            default: .damaged
            }
        let code = kind == .damaged || kind == .missing ? ErrorCode.file : failure.code
        let message = kind == .unreadable ? "cannot be read (\(failure.message))" : failure.message
        self.init(kind, code, path, stage: stage, unit: unit, message, remedy: kind == .unreadable ? nil : remedy)
    }
}
