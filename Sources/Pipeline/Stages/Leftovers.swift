import Files
import Foundation
import Storage

/// What results of before have left and those of now have no place for.
enum Leftovers {
    /// Removes a file or a folder with all that is in it, where it is there. Equal commands may do so at once: what one of them has
    /// removed, the others do not find.
    static func remove(_ url: URL) throws {
        for attempt in 1... {
            do { return try FileManager.default.removeItem(at: url) } catch {
                guard try RegularFile.exists(url) else { return }
                if attempt == 10 { throw error }
            }
        }
    }
}
