import CFreeType
import Files
import Foundation
import Imaging

/// One font file, drawn through FreeType. Every instance has its own library and belongs to one thread.
final class Typeface {
    enum Weight { case regular, bold }

    private let path: String
    private let library: FT_Library
    private let face: FT_Face

    /// The file that `override` or `$WSI_FONT` names, else DejaVu Sans of the installation, else as Debian installs it.
    convenience init(_ weight: Weight, override: String?) throws {
        let file = weight == .bold ? "DejaVuSans-Bold.ttf" : "DejaVuSans.ttf"
        let named = override ?? ProcessInfo.processInfo.environment["WSI_FONT"]
        let carried = Installation.current?.share("fonts/\(file)")?.path
        try self.init(path: named ?? carried ?? "/usr/share/fonts/truetype/dejavu/\(file)")
    }

    init(path: String) throws {
        var library: FT_Library?
        guard FT_Init_FreeType(&library) == 0, let library else {
            throw ReviewError.font(path: path, reason: "FreeType does not start")
        }
        var face: FT_Face?
        guard FT_New_Face(library, path, 0, &face) == 0, let face else {
            FT_Done_FreeType(library)
            throw ReviewError.font(path: path, reason: "the font is missing or unreadable")
        }
        self.path = path
        self.library = library
        self.face = face
    }

    deinit {
        FT_Done_Face(face)
        FT_Done_FreeType(library)
    }

    /// Width in pixels at a size in pixels per em.
    func width(_ text: String, size: Double) throws -> Double {
        try lay(text, size: size) { _, _ in }
    }

    /// Draws with the left end of the baseline at `x`, `baseline`.
    func draw(_ text: String, size: Double, x: Double, baseline: Double, colour: RGB, on canvas: inout RGBImage) throws
    {
        let line = Int(baseline.rounded())
        _ = try lay(text, size: size) { glyph, offset in
            let pen = x + offset
            let whole = pen.rounded(.down)
            FT_Outline_Translate(&glyph.pointee.outline, FT_Pos((pen - whole) * 64), 0)
            guard FT_Render_Glyph(glyph, FT_RENDER_MODE_NORMAL) == 0 else { throw unusable }
            let bitmap = glyph.pointee.bitmap
            guard let buffer = bitmap.buffer else { return }
            let left = Int(whole) + Int(glyph.pointee.bitmap_left)
            let top = line - Int(glyph.pointee.bitmap_top)
            for row in 0..<Int(bitmap.rows) {
                for column in 0..<Int(bitmap.width) {
                    let share = Float(buffer[row * Int(bitmap.pitch) + column]) / 255
                    canvas.blend(colour, share: share, x: left + column, y: top + row)
                }
            }
        }
    }

    /// The text, or the text with its middle replaced by an ellipsis so that it fits.
    func shortened(_ text: String, size: Double, width limit: Double) throws -> String {
        var kept = Array(text)
        var shown = text
        while try width(shown, size: size) > limit, kept.count > 2 {
            kept.remove(at: kept.count / 2)
            shown = String(kept.prefix((kept.count + 1) / 2)) + "…" + String(kept.suffix(kept.count / 2))
        }
        return shown
    }

    /// The text in lines that fit, broken between words; a word that is too long alone loses its middle.
    func lines(_ text: String, size: Double, width limit: Double) throws -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ").map(String.init) {
            if let last = lines.last, try width("\(last) \(word)", size: size) <= limit {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(try shortened(word, size: size, width: limit))
            }
        }
        return lines
    }

    /// Loads glyph after glyph and tells its offset from the start.
    /// - Returns: the width of all.
    private func lay(
        _ text: String,
        size: Double,
        _ body: (FT_GlyphSlot, Double) throws -> Void
    ) throws -> Double {
        guard FT_Set_Char_Size(face, 0, FT_F26Dot6((size * 64).rounded()), 72, 72) == 0 else { throw unusable }
        var offset = 0.0
        var previous: FT_UInt = 0
        for scalar in text.unicodeScalars {
            let index = FT_Get_Char_Index(face, FT_ULong(scalar.value))
            var kerning = FT_Vector()
            if previous != 0, FT_Get_Kerning(face, previous, index, FT_KERNING_UNFITTED.rawValue, &kerning) == 0 {
                offset += Double(kerning.x) / 64
            }
            guard FT_Load_Glyph(face, index, freetype_light_outline()) == 0, let glyph = face.pointee.glyph else {
                throw unusable
            }
            let advance = Double(glyph.pointee.linearHoriAdvance) / 65_536
            try body(glyph, offset)
            offset += advance
            previous = index
        }
        return offset
    }

    private var unusable: ReviewError { .font(path: path, reason: "the font cannot be drawn") }
}
