public import Records

/// A slide or cohort that cannot be written.
public enum SampleError: ReportableError, Equatable {
    /// Parameters that make no sense; found before anything is written.
    case options(String)
    /// A file with other content stands where output belongs.
    case inTheWay(path: String)

    public var code: ErrorCode {
        switch self {
        case .options: .usage
        case .inTheWay: .file
        }
    }

    public var subject: String? {
        switch self {
        case .options: nil
        case .inTheWay(let path): path
        }
    }

    public var message: String {
        switch self {
        case .options(let reason): reason
        case .inTheWay:
            "the file there is not what this seed and these options give; name an empty folder, or remove the file"
        }
    }
}
