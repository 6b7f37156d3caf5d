import Config
import Files
import Foundation
import Records

extension NewStudy {
    /// Slides that are opened, evenly spread over the list.
    private static var looked: Int { 48 }

    /// Chooses µm per pixel: that of a neural encoder's training, else 0.5, at which most are trained; or what the coarsest slide
    /// has where that is coarser. Slides are opened in workers.
    /// - Throws: `Failure` where no slide can be opened or none says its µm per pixel.
    public mutating func chooseScale(_ settings: WorkSettings, progress: @escaping ProgressSink) async throws {
        guard wishes.slides != nil, wishes.features == nil else { return }
        if let mpp = wishes.slideMPP { choose("tiling", "slide_mpp", .number(mpp), "given, for every slide") }
        let study = try StudyReading(config(), in: folder)
        let count = min(Self.looked, study.entries.count)
        let entries = (0..<count).map { study.entries[$0 * study.entries.count / count] }
        // Coarse slides are what is asked about.
        var tiling = study.config.tiling
        tiling.allowUpsampling = true
        let tasks = entries.map { SurveyTask(subject: .slide($0, tiling, regions: nil), isMeasured: false) }
        let survey = try await Survey(tasks, settings, progress: progress)
        failures = survey.failures
        let scales = survey.values(.mpp).sorted()
        guard let finest = scales.first, let coarsest = scales.last else {
            throw survey.failures.first ?? Failure(.notFound, wishes.slides?.path, "no slide could be looked at")
        }
        func um(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        let seen = finest == coarsest ? um(finest) : "\(um(finest)) to \(um(coarsest))"
        let which =
            scales.count == study.entries.count ? "the \(scales.count) slides" : "\(scales.count) slides looked at"
        let wanted = encoderMPP ?? 0.5
        guard coarsest > wanted * 1.05 else {
            let why =
                encoderMPP == nil ? "encoders are mostly trained at 0.5" : "the encoder was trained at \(um(wanted))"
            return choose("tiling", "mpp", .number(wanted), "\(which) have \(seen) µm, and \(why)")
        }
        // To the next hundredth; a number that is one may lie a little above it.
        let target = (coarsest * 100 - 1e-6).rounded(.up) / 100
        choose("tiling", "mpp", .number(target), "\(which) have \(seen) µm; nothing is enlarged at the coarsest")
    }
}
