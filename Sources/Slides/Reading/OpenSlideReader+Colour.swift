import Files
import Foundation
import Records

extension OpenSlideReader {
    /// Whether JPEG tiles of a TIFF are what its tag says: OpenSlide follows the tag, also where it is wrong.
    /// - Returns: false where they are not, and another reader has to read the slide.
    /// - Throws: `SlideError.refused` where they are not and no other reader knows the format, or where nobody can tell;
    ///   `StorageError` where the machine does not give a tile.
    func hasRightColours(of file: URL, _ rules: ReadingRules) throws -> Bool {
        guard let walk = try TIFFWalk(OpenFile(file)) else { return true }
        let isRight = try walk.hasRightPhotometric(rules)
        let vendor = isRight ? "" : try account().vendor
        guard isRight || Self.readOtherwise.contains(vendor) else {
            throw SlideError.refused(
                "its JPEG tiles are \(rules.jpegColour == nil ? "by their markers" : "by --jpeg-colour") other colours than its TIFF "
                    + "tag 262 says, which alone is followed in the format \(vendor)",
                wayOut: WayOut.again + (rules.jpegColour == nil ? "" : ", or leave --jpeg-colour out")
            )
        }
        return isRight
    }

    /// OpenSlide's names of formats that are plain TIFF, so that other readers of TIFF read them, too.
    private static let readOtherwise: Set = ["aperio", "generic-tiff"]
}
