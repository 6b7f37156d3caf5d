import Files
import Foundation
import Records
import Storage

/// The size of a pixel that OME-XML in a TIFF's first directory states for the image of level 0 (OME schema 2016-06,
/// `Pixels`).
struct OMEPixel: Equatable {
    /// µm.
    var mppX: Double
    var mppY: Double

    /// nil where there is no OME-XML, none of its images has this size, or that one says no length.
    /// - Parameter size: of level 0; a file may have several images, such as a label and an overview.
    init?(description: String, size: PixelSize) {
        guard description.contains("OME"), let root = try? XMLTree(Data(description.utf8)).root, root.name == "OME"
        else { return nil }
        let pixels = root.all("Pixels").first {
            $0.number("SizeX") == Double(size.width) && $0.number("SizeY") == Double(size.height)
        }
        guard let found = pixels.flatMap(OMEPixel.init) else { return nil }
        self = found
    }

    /// nil where it says no length.
    /// - Parameter pixels: the element of one image.
    init?(_ pixels: XMLTree.Element) {
        let (x, y) = (pixels.micrometres("PhysicalSizeX"), pixels.micrometres("PhysicalSizeY"))
        guard let mppX = x ?? y, let mppY = y ?? x else { return nil }
        (self.mppX, self.mppY) = (mppX, mppY)
    }

    func isNear(_ mpp: Double) -> Bool { abs(mpp - mppX) <= 0.01 * mppX }
}

extension XMLTree.Element {
    /// A length with its unit beside it, µm where it names none; nil for one that is no length, such as `pixel`.
    func micrometres(_ attribute: String) -> Double? {
        guard let length = number(attribute), length.isFinite, length > 0 else { return nil }
        // The micro sign and the Greek letter are two characters.
        let unit = attributes[attribute + "Unit"]?.replacing("\u{3BC}", with: "\u{B5}") ?? "\u{B5}m"
        let units = [
            "pm": 1e-6, "\u{C5}": 1e-4, "nm": 1e-3, "\u{B5}m": 1, "um": 1, "mm": 1e3, "cm": 1e4, "dm": 1e5, "m": 1e6,
            "in": 25_400,
            "ft": 304_800, "thou": 25.4,
        ]
        return units[unit].map { length * $0 }
    }
}
