import CFreeType
import CPNG

/// What pictures are made with, as it is loaded.
public enum PictureLibraries {
    /// Such as `1.6.39`.
    public static var png: String { String(cString: png_get_libpng_ver(nil)) }

    /// Such as `2.12.1`; nil where FreeType does not start.
    public static var freeType: String? {
        var library: FT_Library?
        guard FT_Init_FreeType(&library) == 0, let library else { return nil }
        defer { FT_Done_FreeType(library) }
        var (major, minor, patch): (FT_Int, FT_Int, FT_Int) = (0, 0, 0)
        FT_Library_Version(library, &major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// The fonts that captions are written in.
    /// - Throws: `ReviewError.font` for one that is missing or cannot be used.
    public static func checkFonts() throws {
        for weight in [Typeface.Weight.regular, .bold] { _ = try Typeface(weight, override: nil).width("0", size: 12) }
    }
}
