import Config
import Files
import Foundation
import Records

extension NewStudy {
    /// Slides that are opened, evenly spread over the list.
    private static var looked: Int { 48 }

    /// Chooses µm per pixel by what the slides say of themselves: 0.5, which most encoders were trained at, or what the coarsest
    /// slide has where that is coarser. Slides are opened in workers.
    /// - Throws: `Failure` where no slide can be opened or none says its µm per pixel.
    public mutating func chooseScale(_ settings: WorkSettings, progress: @escaping ProgressSink) async throws {
        guard wishes.slides != nil, wishes.features == nil else { return }
        if let mpp = wishes.slideMPP { choose("tiling", "slide_mpp", .number(mpp), "given") }
        let study = try StudyReading(config(), in: folder)
        let count = min(Self.looked, study.entries.count)
        let entries = (0..<count).map { study.entries[$0 * study.entries.count / count] }
        let tasks = entries.map {
            SurveyTask(subject: .slide($0, study.config.tiling, regions: nil), isMeasured: false)
        }
        let survey = try await Survey(tasks, settings, progress: progress)
        let scales = survey.values(.mpp).sorted()
        guard let finest = scales.first, let coarsest = scales.last else {
            throw survey.failures.first ?? Failure(.notFound, wishes.slides?.path, "no slide could be looked at")
        }
        let most = 0.5 * 1.05
        let target = coarsest <= most ? 0.5 : (coarsest * 100).rounded(.up) / 100
        func um(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        let seen = finest == coarsest ? um(finest) : "\(um(finest)) to \(um(coarsest))"
        let which = count == study.entries.count ? "the \(count) slides have" : "\(scales.count) slides looked at have"
        let reason =
            coarsest <= most
            ? "\(which) \(seen) µm, and encoders are mostly trained at 0.5"
            : "\(which) \(seen) µm; nothing is enlarged at the coarsest"
        choose("tiling", "mpp", .number(target), reason)
        failures = survey.failures
    }
}
