import Files
import Foundation
import Records
import Storage

/// What readers have said of a slide, as an input of its report.
enum DecisionsDigest {
    /// nil where no reader has said anything.
    static func of(_ slide: SlideID, in layout: JobLayout) throws -> String? {
        let file = (layout.owner ?? layout).decisions(about: slide)
        guard try RegularFile.exists(file) else { return nil }
        return try Digest.sha256(fileAt: file)
    }
}
