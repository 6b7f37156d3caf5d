import CTIFF

/// The libraries that slides are read by, as they are loaded.
public enum SlideLibraries {
    /// Such as `3.4.1`.
    public static var openSlide: String { OpenSlideReader.version }

    /// Such as `4.5.0`.
    public static var tiff: String {
        let text = String(cString: ctiff_version())
        return text.firstMatch(of: /\d+(\.\d+)+/).map { String($0.0) } ?? text
    }
}
