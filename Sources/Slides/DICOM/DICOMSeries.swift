import Foundation
import Synchronization

/// The files of slides that a process was told of by the one that started it, which has gone through their folders already.
extension DICOMFolder {
    private static let told = Mutex<[String: [URL]]>([:])

    /// Which files are the slide, for a process that is to read it; nil where there is nothing to tell: then it finds out, or what is
    /// wrong, by itself.
    public static func series(ofSlideAt path: String) -> [String]? {
        (try? files(ofSlideAt: URL(filePath: path)))?.map(\.path)
    }

    /// Has this process believe them.
    public static func tell(_ series: [String], ofSlideAt path: String) {
        told.withLock { $0[URL(filePath: path).path] = series.map { URL(filePath: $0) } }
    }

    static func told(_ url: URL) -> [URL]? { told.withLock { $0[url.path] } }
}
