import Foundation
import Records

/// Brings the files of a slide into a folder.
protocol SlideCopier: Sendable {
    /// Of all that would be copied; nil where only copying tells.
    /// - Throws: where its files cannot be looked at.
    func bytes(of origin: SlideOrigin) async throws -> Int?

    /// - Parameters:
    ///   - folder: an empty one; what is in it when an error is thrown is the caller's to remove.
    ///   - grown: is told how many bytes have come so far; where it says no, the copy ends with `OutgrownStage`.
    /// - Returns: the slide's own file in the folder.
    /// - Throws: `Failure`, `OutgrownStage`, `CancellationError`.
    func copy(
        _ origin: SlideOrigin,
        of slide: SlideID,
        into folder: URL,
        grown: @escaping @Sendable (Int) -> Bool
    ) async throws -> URL
}

/// A slide of unknown size turned out to be larger than what was left of the stage.
struct OutgrownStage: Error {}
