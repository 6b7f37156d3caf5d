/// What the coordinates of regions in a file count from.
public enum CoordinateOrigin: String, DescribedChoice {
    case slide, bounds

    public var meaning: String {
        switch self {
        case .slide: "level-0 pixel (0, 0) of the file"
        case .bounds: "the corner of the slide's non-empty bounds, as QuPath shows it"
        }
    }
}
