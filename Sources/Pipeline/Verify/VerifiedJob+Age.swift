import Records

extension VerifiedJob {
    /// Results that do not follow any more from what there is now, by their stage, as far as `wsi status` can tell: their files
    /// may be as they were written all the same.
    func stale() -> [VerifyReport.Stale] {
        let lineage = Lineage(layout)
        return outcomes.keys.sorted().compactMap { stage in
            // A record or a training that cannot be read is a finding already.
            let units = (outcomes[stage] ?? [:]).values.filter { outcome in
                outcome.hasResult && ((try? lineage.changes(of: outcome))?.isEmpty == false)
            }
            .map(\.slide)
            return units.isEmpty ? nil : VerifyReport.Stale(stage: prefix + stage.text, units: units.sorted())
        }
    }
}
