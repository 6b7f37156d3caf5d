public import Records

/// A picture that cannot be made.
public enum ReviewError: ReportableError, Equatable {
    /// No usable font file.
    case font(path: String, reason: String)
    /// Neither the features nor the distance of their patches tells how large these are.
    case side(slide: String)
    /// Arrays or sizes that do not fit each other.
    case shape(String)
    /// libpng's reason.
    case png(String)

    public var code: ErrorCode {
        switch self {
        case .font: .notFound
        case .side: .bag
        case .shape, .png: .bug
        }
    }

    public var subject: String? {
        switch self {
        case .font(let path, _): path
        case .side(let slide): slide
        case .shape, .png: nil
        }
    }

    public var message: String {
        switch self {
        case .font(_, let reason):
            "\(reason); install Debian's fonts-dejavu-core or name a TrueType file in WSI_FONT"
        case .side:
            "the prediction does not tell the side of its patches; run wsi predict with --redo and --patch-size-level0 PIXELS"
        case .shape(let reason): reason
        case .png(let reason): "libpng: \(reason)"
        }
    }
}
