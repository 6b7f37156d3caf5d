/// What the coordinates of regions in a file count from.
public enum CoordinateOrigin: String, ConfigChoice {
    /// Level-0 pixel (0, 0) of the file.
    case slide
    /// The corner of the slide's non-empty bounds, as QuPath shows it.
    case bounds
}
