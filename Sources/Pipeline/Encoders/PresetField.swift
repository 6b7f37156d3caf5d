import Config

extension EncoderChoice {
    /// That patches show more or less of the tissue than the encoder is usually given, where the encoder is said to be one
    /// that is known; nil where they agree by a twentieth.
    /// - Parameters:
    ///   - patch: side in pixels.
    ///   - mpp: their µm per pixel.
    func fieldNote(patch: Int, mpp: Double) -> String? {
        guard case .neural(let manifest, _) = self, let preset = manifest.preset.flatMap(EncoderPreset.named),
            let side = preset.patch, let scale = preset.mpp, let wanted = preset.field
        else { return nil }
        let field = Double(patch) * mpp
        guard abs(field - wanted) / wanted > 0.05 else { return nil }
        func shown(_ micrometres: Double) -> String { "\(Int(micrometres.rounded())) µm" }
        return "\(preset.title) is usually given \(shown(wanted)) of tissue (\(side) pixels at \(scale) µm); "
            + "patches of \(patch) pixels at \(mpp) µm show \(shown(field))"
    }
}
