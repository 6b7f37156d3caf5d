import Files
import Foundation

/// A slide on its way to the stage, there, and gone again.
final class StagedSlide: Sendable {
    /// Where it is read.
    struct Place: Equatable, Sendable {
        var path: String
        /// The quick digest of the copy; nil where the slide is read where it lies.
        var digest: String?
        /// What goes with it.
        var folder: URL?
    }

    private let arrival: Task<Place, any Error>
    private let room: StageRoom
    private let ticket: StageRoom.Ticket

    init(_ arrival: Task<Place, any Error>, _ ticket: StageRoom.Ticket, of room: StageRoom) {
        (self.arrival, self.ticket, self.room) = (arrival, ticket, room)
    }

    /// - Throws: `Failure`, or `CancellationError`.
    func place() async throws -> Place {
        try await withTaskCancellationHandler {
            try await arrival.value
        } onCancel: {
            arrival.cancel()
        }
    }

    /// Removes the copy, whole or not, and then gives its room to others.
    func release() async {
        arrival.cancel()
        if case .success(let place) = await arrival.result, let folder = place.folder { Temporaries.discard(folder) }
        room.leave(ticket)
    }
}
