import Foundation
import Records

/// Copies that stay while somebody looks at their slides: where another needs the room, the one not asked for for longest goes.
actor StageShelf {
    private enum State {
        case coming
        case there(StagedSlide.Place)
        /// It is told for a while: who asks again and again must not have it copied again and again.
        case failed(Failure)
    }

    private struct Copy {
        let slide: StagedSlide
        var state = State.coming
        var asked = ContinuousClock.now

        /// Whether it is of no use any more; one that is there stays until another needs its room.
        func isStale(after patience: Duration) -> Bool {
            if case .there = state { return false }
            return ContinuousClock.now - asked > patience
        }
    }

    private var isRemoving = false
    private let staging: Staging
    private let notice: @Sendable (String) -> Void
    /// Of a slide whose copy goes: nothing may have it open any more.
    private let close: @Sendable (SlideID) async -> Void
    private var copies: [SlideID: Copy] = [:]
    /// A copy that nobody has asked for since then is given up before it is there, and one that did not come is tried anew.
    private let patience: Duration

    init(
        _ staging: Staging,
        patience: Duration = .seconds(90),
        notice: @escaping @Sendable (String) -> Void,
        close: @escaping @Sendable (SlideID) async -> Void
    ) {
        (self.staging, self.patience, self.notice, self.close) = (staging, patience, notice, close)
        staging.room.tellShortage { [weak self] in Task { await self?.removeOldest() } }
    }

    /// Where a slide is read.
    /// - Parameters:
    ///   - place: a path, or an address as it is on record.
    ///   - digest: of the slide that the job is about; nil where it is not known.
    /// - Throws: `Failure`, with `.busy` while it is on its way.
    func path(of slide: SlideID, at place: String, digest: String?) async throws(Failure) -> String {
        for (other, copy) in copies where other != slide && copy.isStale(after: patience) { await remove(other) }
        if let copy = copies[slide], case .failed = copy.state, copy.isStale(after: patience) { await remove(slide) }
        guard let copy = copies[slide] else {
            begin(slide, at: place, digest)
            throw Self.coming(slide)
        }
        switch copy.state {
        case .failed(let failure): throw failure
        case .coming:
            copies[slide]?.asked = .now
            throw Self.coming(slide)
        case .there(let place):
            copies[slide]?.asked = .now
            return place.path
        }
    }

    private static func coming(_ slide: SlideID) -> Failure {
        Failure(.busy, slide.text, "the slide is being copied to this machine; it is shown once it is there")
    }

    private func begin(_ slide: SlideID, at place: String, _ digest: String?) {
        let staged = staging.begin(slide, at: place) { [notice] event in
            if case .note(let text) = event { notice(text) }
        }
        copies[slide] = Copy(slide: staged)
        Task {
            var state: State
            do {
                let place = try await staged.place()
                state = .there(place)
                if let found = place.digest, let digest, digest.count == found.count, digest != found {
                    state = .failed(StagedSlide.otherSlide(slide))
                    await staged.release()
                }
            } catch {
                state = .failed(Failure(error).naming(UnitID(slide)))
                await staged.release()
            }
            // It may have been given up meanwhile.
            if copies[slide]?.slide === staged {
                copies[slide]?.state = state
                copies[slide]?.asked = .now
            }
        }
    }

    /// Until there is room: who is told of its lack twice must not take two copies away for one.
    private func removeOldest() async {
        guard !isRemoving else { return }
        isRemoving = true
        defer { isRemoving = false }
        while staging.room.isShort {
            let there = copies.filter { if case .there = $0.value.state { true } else { false } }
            guard let oldest = there.min(by: { $0.value.asked < $1.value.asked }) else { return }
            await remove(oldest.key)
        }
    }

    private func remove(_ slide: SlideID) async {
        guard let copy = copies.removeValue(forKey: slide) else { return }
        await close(slide)
        await copy.slide.release()
    }
}
