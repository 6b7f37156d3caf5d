import Foundation
import HTTPTypes
import Heatmaps
import Hummingbird
import Records
import Storage

/// What readers say; only of what the server shows at that moment.
extension ReviewRoutes {
    func decide(_ request: Request) async throws -> [SeenDecision] {
        let job = try await live.current()
        let slide = try entry(request, in: job)
        let body = try await request.body.collect(upTo: 1 << 20)
        let draft: Decision.Draft
        do { draft = try JSONDecoder().decode(Decision.Draft.self, from: Data(body.readableBytesView)) } catch {
            throw HTTPError(.badRequest, message: "this is no decision")
        }
        guard draft.slide == slide.id.text else { throw Self.outdated("it was given for another slide") }
        var sight = sight(request)
        sight.reader = draft.reviewer
        let isSealed = sight.isSealed(try log.decisions(of: slide.id))
        let shown = try await shown(to: draft, of: slide, in: job, isSealed: isSealed)
        let decision = try Decision(
            draft,
            of: slide.id,
            shown: shown,
            isBlinded: isSealed,
            classes: job.classes,
            at: Date()
        )
        // A browser sends again what a connection has lost; said twice in a row it is said once.
        let last = try log.decisions(of: slide.id).last {
            ReaderName.key($0.reviewer) == ReaderName.key(decision.reviewer)
        }
        if last.map(decision.saysTheSame) != true { try log.append(decision) }
        return SeenDecision.list(try log.decisions(of: slide.id), of: slide, sight: sight)
    }

    /// The result that a decision is about, once it is the one that is served.
    /// - Throws: `HTTPError` 409 where it is not.
    private func shown(
        to draft: Decision.Draft,
        of slide: ReviewJob.SlideEntry,
        in job: ReviewJob,
        isSealed: Bool
    ) async throws -> (model: String, forecast: ReviewJob.Forecast)? {
        guard let model = draft.model else {
            guard draft.digest == nil, draft.map == nil else { throw Self.outdated("it names no model") }
            guard isSealed || slide.forecasts.isEmpty else {
                throw Self.outdated("a model has judged this slide by now")
            }
            return nil
        }
        if isSealed { throw Self.outdated("this slide is read blinded, and its result was not to be seen yet") }
        guard let forecast = slide.forecasts[model] else {
            throw Self.outdated("\(model) says nothing of this slide any more")
        }
        guard draft.digest == forecast.digest else {
            throw Self.outdated("the result of \(model) has changed since it was shown")
        }
        if let map = draft.map {
            let titles = try await sound { try await shelf.maps(model, of: slide, in: job) }?.all.map(\.title) ?? []
            guard titles.contains(map) else { throw Self.outdated("the map that was shown is no more") }
        }
        return (model, forecast)
    }

    private static func outdated(_ reason: String) -> HTTPError {
        HTTPError(.conflict, message: "not saved: \(reason); look at what is shown now and decide again")
    }
}
