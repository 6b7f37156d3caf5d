import Foundation
import Slides

#if canImport(Glibc)
    import Glibc
#endif

/// What Linux holds of slides in memory.
enum BenchCache {
    /// Has the next race read them from their disk or share again, as the one before did, and as those of a cohort are read that no
    /// memory holds. Where Linux may not let go of them, they stay.
    static func forget(_ paths: [String]) {
        for file in paths.flatMap({ (try? SlideFiles($0))?.all ?? [] }) {
            let descriptor = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            close(descriptor)
        }
    }
}
