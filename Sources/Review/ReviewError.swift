public import Records

/// A picture that cannot be made.
public enum ReviewError: ReportableError, Equatable {
    /// No usable font file.
    case font(path: String, reason: String)
    /// Arrays or sizes that do not fit each other.
    case shape(String)
    /// libpng's reason.
    case png(String)

    public var code: ErrorCode {
        switch self {
        case .font: .notFound
        case .shape, .png: .bug
        }
    }

    public var subject: String? { if case .font(let path, _) = self { path } else { nil } }

    public var message: String {
        switch self {
        case .font(_, let reason):
            "\(reason); install Debian's fonts-dejavu-core or name a TrueType file in WSI_FONT"
        case .shape(let reason): reason
        case .png(let reason): "libpng: \(reason)"
        }
    }
}
